package cloud.lastmile.qemu;

import cloud.lastmile.agent.GuestHardware;
import cloud.lastmile.agent.GuestHardware.VifModel;
import cloud.lastmile.agent.Vif;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

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

  /** Where VIFs are plugged on a machine without PCI Express. */
  static final String PCI = "pci.0";

  /** Ports of PCIe that are free for VIFs plugged later, beyond those of the start. */
  private static final int SPARE_PORTS = 4;

  /** Functions of one PCI slot, so many root ports fit in it. */
  private static final int PORTS_PER_SLOT = 8;

  private static final int FIRST_PORT_SLOT = 0x10;

  private CommandLine() {}

  /**
   * What the host adds to the guest's record.
   *
   * @param accelerator {@code kvm} or {@code tcg}
   * @param tcgBufferMib smallest translation buffer under TCG, see {@link QemuConfig}
   * @param tapVnetHeader see {@link QemuConfig}
   * @param images the directory of cached images
   * @param run the guest's {@code run/} directory, as QEMU shall name it
   */
  record Surroundings(
      String accelerator, int tcgBufferMib, boolean tapVnetHeader, Path images, Path run) {}

  /** The arguments, without the program's name. */
  static List<String> of(GuestRecord guest, GuestHardware hardware, Surroundings surroundings) {
    Arguments line = new Arguments();
    MachineArguments machine = new MachineArguments(line, guest, hardware, surroundings);
    machine.add();
    machine.control();
    DeviceArguments devices = new DeviceArguments(line, hardware.devices());
    devices.add(surroundings.run());
    boolean pci = hardware.machine().isPci();
    if (!pci) {
      ports(line, guest.vifs().size() + SPARE_PORTS);
    }
    devices.input(hardware.disks());
    new DiskArguments(line, guest, hardware, surroundings).add();
    int queues = queues(hardware, guest.vcpus());
    for (int i = 0; i < guest.vifs().size(); i++) {
      Vif vif = guest.vifs().get(i);
      line.add(
          "-netdev", Arguments.json(netdev(vif, surroundings.tapVnetHeader(), queues)),
          "-device", Arguments.json(nic(vif, hardware, pci ? PCI : "port-" + i, queues)));
    }
    return line.words();
  }

  /** How many queues each VIF has. */
  static int queues(GuestHardware hardware, int vcpus) {
    boolean many = hardware.multiqueue() && hardware.vifModel() == VifModel.VIRTIO;
    return many ? Math.min(vcpus, MAX_QUEUES) : 1;
  }

  /** What the kernel's taps allow. */
  private static final int MAX_QUEUES = 256;

  /** Arguments of {@code netdev_add} for a VIF. */
  static Map<String, Object> netdev(Vif vif, boolean vnetHeader, int queues) {
    Map<String, Object> netdev = new LinkedHashMap<>();
    netdev.put("type", "tap");
    netdev.put("id", netdevId(vif.portId()));
    netdev.put("ifname", vif.tapName());
    netdev.put("script", "no");
    netdev.put("downscript", "no");
    netdev.put("vnet_hdr", vnetHeader);
    if (queues > 1) {
      netdev.put("queues", queues);
    }
    return netdev;
  }

  /** Arguments of {@code device_add} for a VIF. */
  static Map<String, Object> nic(Vif vif, GuestHardware hardware, String bus, int queues) {
    Map<String, Object> nic = new LinkedHashMap<>();
    nic.put(
        "driver",
        switch (hardware.vifModel()) {
          case VIRTIO -> "virtio-net-pci";
          case E1000 -> "e1000";
          case E1000E -> "e1000e";
          case RTL8139 -> "rtl8139";
          case VMXNET3 -> "vmxnet3";
          case NE2K_PCI -> "ne2k_pci";
          case PCNET -> "pcnet";
        });
    nic.put("id", deviceId(vif.portId()));
    nic.put("netdev", netdevId(vif.portId()));
    nic.put("mac", vif.macAddress());
    nic.put("bus", bus);
    if (hardware.vifModel() == VifModel.VIRTIO) {
      nic.put("host_mtu", vif.mtu());
      if (hardware.packedRing()) {
        nic.put("packed", true);
      }
    }
    if (queues > 1) {
      nic.put("mq", true);
      // One interrupt for each queue of each direction, one for control, one for configuration.
      nic.put("vectors", 2 * queues + 2);
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

  private static void ports(Arguments line, int count) {
    for (int i = 0; i < count; i++) {
      int slot = FIRST_PORT_SLOT + i / PORTS_PER_SLOT;
      int function = i % PORTS_PER_SLOT;
      line.add(
          "-device",
          "pcie-root-port,id=port-%d,chassis=%d,bus=pcie.0,multifunction=%s,addr=%#x.%d"
              .formatted(i, i + 1, function == 0 ? "on" : "off", slot, function));
    }
  }
}
