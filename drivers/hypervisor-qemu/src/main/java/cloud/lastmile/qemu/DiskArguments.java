package cloud.lastmile.qemu;

import cloud.lastmile.agent.GuestHardware;
import cloud.lastmile.agent.GuestHardware.DiskBus;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Root disk or ISO, and the config drive, each on its bus. */
final class DiskArguments {
  private static final int BOOT_FIRST = 1;

  private final Arguments line;
  private final GuestRecord guest;
  private final GuestHardware hardware;
  private final CommandLine.Surroundings surroundings;
  private final Set<DiskBus> controllers = EnumSet.noneOf(DiskBus.class);

  DiskArguments(
      Arguments line,
      GuestRecord guest,
      GuestHardware hardware,
      CommandLine.Surroundings surroundings) {
    this.line = line;
    this.guest = guest;
    this.hardware = hardware;
    this.surroundings = surroundings;
  }

  void add() {
    DiskBus cdromBus =
        hardware.disks().cdromBus().orElse(hardware.machine().isPci() ? DiskBus.IDE : DiskBus.SATA);
    Path base = surroundings.images().resolve(ImageCache.name(guest.imageId()));
    if (guest.cdrom()) {
      line.rawFile(CommandLine.ROOT_NODE, base, true);
      attach(cdromBus, true, "disk0", CommandLine.ROOT_NODE, BOOT_FIRST);
    } else {
      rootDisk(base);
      attach(hardware.disks().bus(), false, "disk0", CommandLine.ROOT_NODE, BOOT_FIRST);
    }
    // On the same bus as the root disk unless said, for guests need no other driver then; readers
    // find it by its label.
    DiskBus bus =
        guest.cdrom() ? cdromBus : hardware.disks().cdromBus().orElse(hardware.disks().bus());
    guest
        .configDrive()
        .ifPresent(name -> {
          line.rawFile("config", surroundings.run().resolve(name), true);
          attach(bus, true, "config0", "config", 0);
        });
  }

  private void rootDisk(Path base) {
    Path disk = surroundings.run().resolve("disk." + guest.diskGeneration() + ".qcow2");
    line.rawFile("base", base, true);
    line.blockdev(Arguments.file("root-file", disk, false));
    Map<String, Object> overlay =
        Arguments.format(CommandLine.ROOT_NODE, "qcow2", "root-file", false);
    overlay.put("discard", "unmap");
    overlay.put("backing", "base");
    line.blockdev(overlay);
  }

  /**
   * @param bootIndex 0 for a disk that is not booted from
   */
  private void attach(DiskBus bus, boolean cdrom, String id, String node, int bootIndex) {
    controller(bus);
    boolean first = bootIndex > 0;
    String place = first ? "0" : "1";
    switch (bus) {
      case VIRTIO -> device(first, "virtio-blk-pci", id, node, "");
      case SCSI -> device(first, cdrom ? "scsi-cd" : "scsi-hd", id, node, "scsi0.0");
      case IDE -> device(first, cdrom ? "ide-cd" : "ide-hd", id, node, "ide." + place);
      case SATA -> device(first, cdrom ? "ide-cd" : "ide-hd", id, node, sata() + "." + place);
      case USB -> {
        if (cdrom) {
          line.device("usb-bot", id + "-usb", "bus", "usb.0");
          device(first, "scsi-cd", id, node, id + "-usb.0");
        } else {
          device(first, "usb-storage", id, node, "usb.0");
        }
      }
    }
  }

  private void device(boolean boots, String driver, String id, String node, String bus) {
    List<Object> options = new ArrayList<>(List.of("drive", node));
    if (!bus.isEmpty()) {
      options.addAll(List.of("bus", bus));
    }
    if (boots) {
      options.addAll(List.of("bootindex", BOOT_FIRST));
    }
    if (driver.startsWith("virtio") && hardware.packedRing()) {
      options.addAll(List.of("packed", true));
    }
    line.device(driver, id, options.toArray());
  }

  /** q35 has its SATA controller on the board. */
  private String sata() {
    return hardware.machine().isPci() ? "sata0" : "ide";
  }

  private void controller(DiskBus bus) {
    if (!controllers.add(bus)) {
      return;
    }
    if (bus == DiskBus.SCSI) {
      String driver =
          switch (hardware.disks().scsiModel()) {
            case VIRTIO_SCSI -> "virtio-scsi-pci";
            case LSILOGIC -> "lsi53c895a";
            case LSISAS1068 -> "mptsas1068";
            case LSISAS1078 -> "megasas";
            case VMPVSCSI -> "pvscsi";
          };
      if (driver.startsWith("virtio") && hardware.packedRing()) {
        line.device(driver, "scsi0", "packed", true);
      } else {
        line.device(driver, "scsi0");
      }
    } else if (bus == DiskBus.SATA && hardware.machine().isPci()) {
      line.device("ich9-ahci", "sata0");
    }
  }
}
