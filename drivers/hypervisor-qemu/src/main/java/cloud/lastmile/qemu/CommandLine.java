package cloud.lastmile.qemu;

import cloud.lastmile.agent.GuestHardware;
import cloud.lastmile.agent.GuestHardware.DiskBus;
import cloud.lastmile.agent.Vif;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import tools.jackson.databind.json.JsonMapper;

/**
 * QEMU's arguments for a guest; a pure function, so that {@code CommandLineTest} can hold its
 * results in golden files. Nothing secret may be among them: every user of the host can read them.
 *
 * <p>Names used later over QMP: block node {@code root}, chardev {@code console}, device and netdev
 * {@code vif-PORT}, hot-plug ports {@code port-N}.
 */
final class CommandLine {
  static final String ROOT_NODE = "root";
  static final String CONSOLE = "console";
  static final int CONSOLE_BYTES = 256 * 1024;

  /** Ports of PCIe that are free for VIFs plugged later, beyond those of the start. */
  private static final int SPARE_PORTS = 4;

  /** Functions of one PCI slot, so many root ports fit in it. */
  private static final int PORTS_PER_SLOT = 8;

  private static final int FIRST_PORT_SLOT = 0x10;

  private final List<String> arguments = new ArrayList<>();

  private CommandLine() {}

  /**
   * What the host adds to the guest's record.
   *
   * @param accelerator {@code kvm} or {@code tcg}
   * @param tcgBufferMib smallest translation buffer under TCG, see {@link QemuConfig}
   * @param tapVnetHeader see {@link QemuConfig}
   * @param baseImage the cached image under the root disk
   * @param run the guest's {@code run/} directory, as QEMU shall name it
   */
  record Surroundings(
      String accelerator, int tcgBufferMib, boolean tapVnetHeader, Path baseImage, Path run) {}

  /** The arguments, without the program's name. */
  static List<String> of(GuestRecord guest, GuestHardware hardware, Surroundings surroundings) {
    CommandLine line = new CommandLine();
    line.machine(guest, hardware, surroundings);
    line.control(surroundings.run());
    line.platformDevices(hardware);
    line.ports(guest.vifs().size() + SPARE_PORTS);
    if (guest.cdrom()) {
      line.cdrom(surroundings.baseImage());
    } else {
      line.rootDisk(guest, hardware, surroundings);
    }
    DiskBus bus = guest.cdrom() ? DiskBus.SATA : hardware.diskBus();
    guest.configDrive().ifPresent(name -> line.configDrive(bus, surroundings.run(), name));
    for (int i = 0; i < guest.vifs().size(); i++) {
      line.vif(guest.vifs().get(i), hardware, surroundings.tapVnetHeader(), "port-" + i);
    }
    return List.copyOf(line.arguments);
  }

  /** Arguments of {@code netdev_add} for a VIF. */
  static Map<String, Object> netdev(Vif vif, boolean vnetHeader) {
    Map<String, Object> netdev = new LinkedHashMap<>();
    netdev.put("type", "tap");
    netdev.put("id", netdevId(vif.portId()));
    netdev.put("ifname", vif.tapName());
    netdev.put("script", "no");
    netdev.put("downscript", "no");
    netdev.put("vnet_hdr", vnetHeader);
    return netdev;
  }

  /** Arguments of {@code device_add} for a VIF. */
  static Map<String, Object> nic(Vif vif, GuestHardware hardware, String bus) {
    Map<String, Object> nic = new LinkedHashMap<>();
    nic.put(
        "driver",
        switch (hardware.vifModel()) {
          case VIRTIO -> "virtio-net-pci";
          case E1000 -> "e1000";
          case E1000E -> "e1000e";
          case RTL8139 -> "rtl8139";
          case VMXNET3 -> "vmxnet3";
        });
    nic.put("id", deviceId(vif.portId()));
    nic.put("netdev", netdevId(vif.portId()));
    nic.put("mac", vif.macAddress());
    nic.put("bus", bus);
    if (hardware.vifModel() == GuestHardware.VifModel.VIRTIO) {
      nic.put("host_mtu", vif.mtu());
    }
    // No boot ROM: guests boot from their disk, and loading it takes time at every start.
    nic.put("romfile", "");
    return nic;
  }

  static String deviceId(UUID portId) {
    return "vif-" + portId;
  }

  static String netdevId(UUID portId) {
    return "net-" + portId;
  }

  private void machine(GuestRecord guest, GuestHardware hardware, Surroundings surroundings) {
    add("-name", "guest=" + guest.name() + ",debug-threads=on");
    add("-uuid", guest.id().toString());
    add("-nodefaults", "-no-user-config");
    add("-display", "none");
    add("-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny");
    add("-machine", hardware.machineType() + ",usb=off,vmport=off,dump-guest-core=off");
    if (surroundings.accelerator().equals("kvm")) {
      add("-accel", "kvm", "-cpu", "host");
    } else {
      // la57 makes guests walk five levels of page tables, which TCG does slowly.
      int buffer = Math.max(surroundings.tcgBufferMib(), guest.memoryMib() / 8);
      add("-accel", "tcg,thread=multi,tb-size=" + buffer);
      add("-cpu", "max,la57=off");
    }
    add("-smp", guest.vcpus() + ",sockets=" + guest.vcpus() + ",cores=1,threads=1");
    add("-m", "size=" + guest.memoryMib() + "M");
    add("-rtc", "base=" + (hardware.localTime() ? "localtime" : "utc") + ",driftfix=slew");
    // cloud-init recognises OpenStack by manufacturer and product.
    add(
        "-smbios",
        "type=1,manufacturer=OpenStack Foundation,product=OpenStack Nova,serial=%s,uuid=%s,family=Virtual Machine"
            .formatted(guest.id(), guest.id()));
    add("-global", "ICH9-LPC.disable_s3=1", "-global", "ICH9-LPC.disable_s4=1");
    add("-boot", "strict=on");
    // A guest that powers off stays as a paused process until Lastmile has seen it, so that the
    // death of a process always means a crash.
    add("-action", "shutdown=pause,panic=shutdown");
  }

  private void control(Path run) {
    add(
        "-chardev",
        "socket,id=monitor,path=" + escaped(run.resolve("qmp.sock")) + ",server=on,wait=off");
    add("-mon", "chardev=monitor,mode=control");
    add("-pidfile", run.resolve("pid").toString());
    // A ring in QEMU's memory: however much the guest writes, it fills no disk, and what it said
    // while Lastmile was away is there afterwards.
    add("-chardev", "ringbuf,id=" + CONSOLE + ",size=" + CONSOLE_BYTES);
    add("-device", "isa-serial,id=serial0,chardev=" + CONSOLE);
  }

  private void platformDevices(GuestHardware hardware) {
    add("-object", "rng-random,id=rng0,filename=/dev/urandom");
    add("-device", "virtio-rng-pci,id=random0,rng=rng0");
    switch (hardware.videoModel()) {
      case VGA -> add("-device", "VGA,id=video0");
      case VIRTIO -> add("-device", "virtio-vga,id=video0");
      case NONE -> {}
    }
  }

  private void ports(int count) {
    for (int i = 0; i < count; i++) {
      int slot = FIRST_PORT_SLOT + i / PORTS_PER_SLOT;
      int function = i % PORTS_PER_SLOT;
      add(
          "-device",
          "pcie-root-port,id=port-%d,chassis=%d,bus=pcie.0,multifunction=%s,addr=%#x.%d"
              .formatted(i, i + 1, function == 0 ? "on" : "off", slot, function));
    }
  }

  private void rootDisk(GuestRecord guest, GuestHardware hardware, Surroundings surroundings) {
    Path disk = surroundings.run().resolve("disk." + guest.diskGeneration() + ".qcow2");
    blockdev(file("base-file", surroundings.baseImage(), true));
    blockdev(format("base", "raw", "base-file", true));
    blockdev(file("root-file", disk, false));
    Map<String, Object> overlay = format(ROOT_NODE, "qcow2", "root-file", false);
    overlay.put("discard", "unmap");
    overlay.put("backing", "base");
    blockdev(overlay);
    switch (hardware.diskBus()) {
      case VIRTIO -> device("virtio-blk-pci", "disk0", "drive", ROOT_NODE, "bootindex", 1);
      case SCSI -> {
        device("virtio-scsi-pci", "scsi0");
        device("scsi-hd", "disk0", "drive", ROOT_NODE, "bootindex", 1);
      }
      case SATA -> device("ide-hd", "disk0", "drive", ROOT_NODE, "bus", "ide.0", "bootindex", 1);
    }
  }

  private void cdrom(Path baseImage) {
    blockdev(file("root-file", baseImage, true));
    blockdev(format(ROOT_NODE, "raw", "root-file", true));
    device("ide-cd", "disk0", "drive", ROOT_NODE, "bus", "ide.0", "bootindex", 1);
  }

  /**
   * A read-only disk on the same bus as the root disk, for guests need no other driver then;
   * readers find it by its label.
   */
  private void configDrive(DiskBus bus, Path run, String name) {
    blockdev(file("config-file", run.resolve(name), true));
    blockdev(format("config", "raw", "config-file", true));
    switch (bus) {
      case VIRTIO -> device("virtio-blk-pci", "config0", "drive", "config");
      case SCSI -> device("scsi-cd", "config0", "drive", "config");
      case SATA -> device("ide-cd", "config0", "drive", "config", "bus", "ide.1");
    }
  }

  private void vif(Vif vif, GuestHardware hardware, boolean vnetHeader, String bus) {
    add("-netdev", json(netdev(vif, vnetHeader)));
    add("-device", json(nic(vif, hardware, bus)));
  }

  private static Map<String, Object> file(String node, Path path, boolean readOnly) {
    Map<String, Object> file = new LinkedHashMap<>();
    file.put("driver", "file");
    file.put("node-name", node);
    file.put("filename", path.toString());
    file.put("read-only", readOnly);
    if (!readOnly) {
      file.put("discard", "unmap");
    }
    return file;
  }

  private static Map<String, Object> format(
      String node, String driver, String file, boolean readOnly) {
    Map<String, Object> format = new LinkedHashMap<>();
    format.put("driver", driver);
    format.put("node-name", node);
    format.put("file", file);
    format.put("read-only", readOnly);
    return format;
  }

  private void blockdev(Map<String, Object> options) {
    add("-blockdev", json(options));
  }

  private void device(String driver, String id, Object... options) {
    Map<String, Object> device = new LinkedHashMap<>();
    device.put("driver", driver);
    device.put("id", id);
    for (int i = 0; i < options.length; i += 2) {
      device.put((String) options[i], options[i + 1]);
    }
    add("-device", json(device));
  }

  private static String json(Map<String, Object> options) {
    return JsonMapper.shared().writeValueAsString(options);
  }

  /** QEMU's option lists end a value at a comma; a doubled one stands for itself. */
  private static String escaped(Path path) {
    return path.toString().replace(",", ",,");
  }

  private void add(String... words) {
    arguments.addAll(List.of(words));
  }
}
