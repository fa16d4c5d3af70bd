package cloud.lastmile.agent;

import java.util.Map;
import java.util.Optional;

/**
 * The hardware that a guest shall have, read from image properties. Those of a flavor have been
 * merged into them by who made the {@link GuestSpec}.
 *
 * @param vifModel {@code hw_vif_model}: the network card's model
 * @param multiqueue {@code hw_vif_multiqueue_enabled}: as many queues as processors, for virtio
 * @param packedRing {@code hw_virtio_packed_ring}, of virtio disks and cards
 */
public record GuestHardware(
    Machine machine,
    Processors processors,
    Disks disks,
    VifModel vifModel,
    boolean multiqueue,
    boolean packedRing,
    Devices devices) {

  /**
   * The board and what it does at its start.
   *
   * @param type {@code hw_machine_type}: {@code q35}, {@code pc} or a version of one
   * @param firmware {@code hw_firmware_type} with {@code hw_firmware_stateless} and {@code
   *     os_secure_boot}
   * @param hpet {@code hw_time_hpet}; empty for what the machine has by itself
   * @param localTime whether the clock shows local time, as {@code os_type=windows} expects
   * @param bootMenu {@code hw_boot_menu}
   * @param hidden {@code img_hide_hypervisor_id}: the processor does not tell of the hypervisor
   */
  public record Machine(
      String type,
      Firmware firmware,
      Optional<Boolean> hpet,
      boolean localTime,
      boolean bootMenu,
      boolean hidden) {

    /** Whether it has PCI only, as {@code pc} does, rather than PCI Express. */
    public boolean isPci() {
      return type.equals("pc") || type.startsWith("pc-i440fx");
    }

    /** Whether it has UEFI with variables of its own. */
    public boolean hasVariables() {
      return firmware == Firmware.UEFI || firmware == Firmware.SECURE_UEFI;
    }
  }

  /**
   * {@code hw_cpu_sockets} and so on, if all three were chosen; zeros otherwise, and each virtual
   * CPU is a socket.
   *
   * @param pmu {@code hw_pmu}: counters of performance; empty for what they have by themselves
   */
  public record Processors(int sockets, int cores, int threads, Optional<Boolean> pmu) {}

  /**
   * @param bus {@code hw_disk_bus}, of the root disk
   * @param cdromBus {@code hw_cdrom_bus}, of an ISO and of the config drive
   */
  public record Disks(DiskBus bus, Optional<DiskBus> cdromBus, ScsiModel scsiModel) {}

  /**
   * @param rng whether there is a random number generator, {@code hw_rng:allowed} of the flavor
   * @param rngBytes {@code hw_rng:rate_bytes} in a period, 0 for no bound
   * @param rngPeriod {@code hw_rng:rate_period} in milliseconds
   * @param videoRamMib {@code hw_video_ram}, 0 for what the card has by itself
   * @param guestAgent {@code hw_qemu_guest_agent}: a channel to the agent
   * @param inputBus {@code hw_input_bus}: keyboard and tablet
   * @param tablet {@code hw_pointer_model=usbtablet}
   * @param usbModel {@code hw_usb_model}; a controller is there if this is given or a device needs
   *     it
   * @param soundModel {@code hw_sound_model}; nobody hears it
   * @param serialPorts {@code hw_serial_port_count}; the first is the console, whose log is kept
   */
  public record Devices(
      boolean rng,
      int rngBytes,
      int rngPeriod,
      VideoModel videoModel,
      int videoRamMib,
      Watchdog watchdog,
      boolean guestAgent,
      Optional<InputBus> inputBus,
      boolean tablet,
      Optional<UsbModel> usbModel,
      Optional<SoundModel> soundModel,
      int serialPorts) {}

  /** Values of {@code hw_disk_bus} and {@code hw_cdrom_bus}. */
  public enum DiskBus {
    VIRTIO,
    SCSI,
    SATA,
    IDE,
    USB
  }

  /** Values of {@code hw_scsi_model}. */
  public enum ScsiModel {
    VIRTIO_SCSI,
    LSILOGIC,
    LSISAS1068,
    LSISAS1078,
    VMPVSCSI
  }

  /** Values of {@code hw_vif_model}. */
  public enum VifModel {
    VIRTIO,
    E1000,
    E1000E,
    RTL8139,
    VMXNET3,
    NE2K_PCI,
    PCNET
  }

  /** Values of {@code hw_video_model}. */
  public enum VideoModel {
    VGA,
    CIRRUS,
    VMVGA,
    QXL,
    VIRTIO,
    BOCHS,
    NONE
  }

  /** Values of {@code hw_watchdog_action}. */
  public enum Watchdog {
    DISABLED,
    NONE,
    PAUSE,
    POWEROFF,
    RESET
  }

  /** Values of {@code hw_input_bus}. */
  public enum InputBus {
    USB,
    VIRTIO
  }

  /** Values of {@code hw_usb_model}. */
  public enum UsbModel {
    NONE,
    NEC_XHCI,
    QEMU_XHCI
  }

  /** Values of {@code hw_sound_model}. */
  public enum SoundModel {
    SB16,
    ES1370,
    AC97,
    ICH6,
    ICH9,
    USB
  }

  /** What starts the guest. */
  public enum Firmware {
    BIOS,
    UEFI,
    /** Variables are forgotten when the guest ends. */
    STATELESS_UEFI,
    /** Starts only what is signed by those whom it trusts. */
    SECURE_UEFI
  }

  /** Values of {@code hw_firmware_type}. */
  private enum FirmwareType {
    BIOS,
    UEFI
  }

  /** Values of {@code os_secure_boot}. */
  private enum SecureBoot {
    DISABLED,
    OPTIONAL,
    REQUIRED
  }

  private static final int MAX_VIDEO_RAM_MIB = 256;

  /** What a PC has. */
  private static final int MAX_SERIAL_PORTS = 4;

  /**
   * Reads the properties; those that are unknown are ignored.
   *
   * @throws HostException not retryable, naming the property, if its value is not supported here
   */
  public static GuestHardware of(Map<String, String> properties) throws HostException {
    HardwareProperties read = new HardwareProperties(properties);
    read.only("hw_architecture", "x86_64", "amd64", "i686", "i586", "i486", "i386");
    read.only("hw_vm_mode", "hvm", "hv");
    read.only("img_hv_type", "qemu", "kvm");
    read.only("hw_rng_model", "virtio");
    read.only("os_type", "linux", "windows");
    Disks disks = disks(read);
    return new GuestHardware(
        machine(read, disks),
        processors(read),
        disks,
        read.choice("hw_vif_model", VifModel.class).orElse(VifModel.VIRTIO),
        read.isTrue("hw_vif_multiqueue_enabled"),
        read.isTrue("hw_virtio_packed_ring"),
        devices(read, disks));
  }

  private static Disks disks(HardwareProperties read) throws HostException {
    return new Disks(
        read.choice("hw_disk_bus", DiskBus.class).orElse(DiskBus.VIRTIO),
        read.choice("hw_cdrom_bus", DiskBus.class),
        read.choice("hw_scsi_model", ScsiModel.class).orElse(ScsiModel.VIRTIO_SCSI));
  }

  private static Machine machine(HardwareProperties read, Disks disks) throws HostException {
    boolean ide =
        disks.bus() == DiskBus.IDE || disks.cdromBus().filter(DiskBus.IDE::equals).isPresent();
    // Of these two only pc has IDE.
    String type = read.text("hw_machine_type").orElse(ide ? "pc" : "q35");
    if (!type.matches("pc|q35|pc-(q35|i440fx)-[0-9]{1,2}(\\.[0-9]{1,2}){1,2}")) {
      throw HardwareProperties.unsupported("hw_machine_type", type, "pc, q35 and their versions");
    }
    Machine machine =
        new Machine(
            type,
            firmware(read, type),
            read.flag("hw_time_hpet"),
            read.text("os_type").orElse("linux").equalsIgnoreCase("windows"),
            read.isTrue("hw_boot_menu"),
            read.isTrue("img_hide_hypervisor_id"));
    if (ide && !machine.isPci()) {
      String key = disks.bus() == DiskBus.IDE ? "hw_disk_bus" : "hw_cdrom_bus";
      throw new HostException(
          "the value ide of %s is not supported with the hw_machine_type %s; pc has it"
              .formatted(key, type),
          false);
    }
    return machine;
  }

  /** As in the reference, {@code optional} is secure where that is possible. */
  private static Firmware firmware(HardwareProperties read, String machineType)
      throws HostException {
    SecureBoot secure = read.choice("os_secure_boot", SecureBoot.class).orElse(SecureBoot.DISABLED);
    boolean stateless = read.isTrue("hw_firmware_stateless");
    boolean uefi =
        read.choice("hw_firmware_type", FirmwareType.class).equals(Optional.of(FirmwareType.UEFI));
    boolean canBeSecure = uefi && !stateless && machineType.contains("q35");
    if (secure == SecureBoot.REQUIRED && !canBeSecure) {
      throw new HostException(
          "the value required of os_secure_boot needs the hw_firmware_type uefi, not stateless,"
              + " and the hw_machine_type q35",
          false);
    }
    if (!uefi) {
      return Firmware.BIOS;
    }
    if (stateless) {
      return Firmware.STATELESS_UEFI;
    }
    return secure != SecureBoot.DISABLED && canBeSecure ? Firmware.SECURE_UEFI : Firmware.UEFI;
  }

  private static Processors processors(HardwareProperties read) throws HostException {
    return new Processors(
        read.number("hw_cpu_sockets", 0, 65_536),
        read.number("hw_cpu_cores", 0, 65_536),
        read.number("hw_cpu_threads", 0, 65_536),
        read.flag("hw_pmu"));
  }

  private static Devices devices(HardwareProperties read, Disks disks) throws HostException {
    VideoModel video = read.choice("hw_video_model", VideoModel.class).orElse(VideoModel.VGA);
    int videoRam = read.number("hw_video_ram", 1, MAX_VIDEO_RAM_MIB);
    boolean fixed = video == VideoModel.VIRTIO || video == VideoModel.NONE;
    if (videoRam > 0 && fixed) {
      throw HardwareProperties.unsupported(
          "hw_video_ram", String.valueOf(videoRam), "none with this hw_video_model");
    }
    Devices devices =
        new Devices(
            !read.text("hw_rng:allowed").orElse("true").equals("false"),
            read.number("hw_rng:rate_bytes", 0, Integer.MAX_VALUE),
            read.number("hw_rng:rate_period", 0, Integer.MAX_VALUE),
            video,
            videoRam,
            read.choice("hw_watchdog_action", Watchdog.class).orElse(Watchdog.DISABLED),
            read.isTrue("hw_qemu_guest_agent"),
            read.choice("hw_input_bus", InputBus.class),
            pointer(read),
            read.choice("hw_usb_model", UsbModel.class),
            read.choice("hw_sound_model", SoundModel.class),
            Math.max(1, read.number("hw_serial_port_count", 0, MAX_SERIAL_PORTS)));
    boolean usb =
        devices.tablet()
            || devices.soundModel().equals(Optional.of(SoundModel.USB))
            || devices.inputBus().equals(Optional.of(InputBus.USB))
            || disks.bus() == DiskBus.USB
            || disks.cdromBus().equals(Optional.of(DiskBus.USB));
    if (usb && devices.usbModel().equals(Optional.of(UsbModel.NONE))) {
      throw HardwareProperties.unsupported("hw_usb_model", "none", "nec-xhci, qemu-xhci");
    }
    return devices;
  }

  private static boolean pointer(HardwareProperties read) throws HostException {
    read.only("hw_pointer_model", "usbtablet");
    return read.text("hw_pointer_model").isPresent();
  }
}
