package cloud.lastmile.qemu;

import static cloud.lastmile.qemu.Arguments.escaped;

import cloud.lastmile.agent.GuestHardware.Devices;
import cloud.lastmile.agent.GuestHardware.DiskBus;
import cloud.lastmile.agent.GuestHardware.Disks;
import cloud.lastmile.agent.GuestHardware.InputBus;
import cloud.lastmile.agent.GuestHardware.SoundModel;
import cloud.lastmile.agent.GuestHardware.UsbModel;
import cloud.lastmile.agent.GuestHardware.VideoModel;
import cloud.lastmile.agent.GuestHardware.Watchdog;
import java.nio.file.Path;
import java.util.Optional;

/** Small devices: random numbers, screen, input, watchdog, agent's channel, controllers. */
record DeviceArguments(Arguments line, Devices devices) {

  void add(Path run) {
    if (devices.rng()) {
      line.add("-object", "rng-random,id=rng0,filename=/dev/urandom");
      line.add("-device", "virtio-rng-pci,id=random0,rng=rng0" + rate());
    }
    video();
    sound();
    if (devices.watchdog() != Watchdog.DISABLED) {
      line.add("-device", "i6300esb,id=watchdog0");
    }
    if (devices.guestAgent()) {
      line.add("-device", "virtio-serial-pci,id=channels0");
      line.add(
          "-chardev",
          "socket,id=agent,path=" + escaped(run.resolve("agent.sock")) + ",server=on,wait=off");
      line.add(
          "-device",
          "virtserialport,bus=channels0.0,chardev=agent,id=agent0,name=org.qemu.guest_agent.0");
    }
  }

  private String rate() {
    if (devices.rngBytes() == 0) {
      return "";
    }
    int period = devices.rngPeriod() == 0 ? 1000 : devices.rngPeriod();
    return ",max-bytes=" + devices.rngBytes() + ",period=" + period;
  }

  private void video() {
    VideoModel model = devices.videoModel();
    String driver =
        switch (model) {
          case VGA -> "VGA";
          case CIRRUS -> "cirrus-vga";
          case VMVGA -> "vmware-svga";
          case QXL -> "qxl-vga";
          case VIRTIO -> "virtio-vga";
          case BOCHS -> "bochs-display";
          case NONE -> "";
        };
    if (driver.isEmpty()) {
      return;
    }
    int mib = devices.videoRamMib();
    // All but bochs-display, which counts bytes, want a power of two.
    String memory =
        mib == 0
            ? ""
            : model == VideoModel.BOCHS
                ? ",vgamem=" + mib * (1L << 20)
                : ",vgamem_mb="
                    + (Integer.bitCount(mib) == 1 ? mib : Integer.highestOneBit(mib) * 2);
    line.add("-device", driver + ",id=video0" + memory);
  }

  /** A card that nobody hears; one on USB comes with {@link #input}, behind its controller. */
  private void sound() {
    if (devices.soundModel().isEmpty()) {
      return;
    }
    line.add("-audiodev", "none,id=silence");
    switch (devices.soundModel().get()) {
      case SB16 -> line.add("-device", "sb16,id=sound0,audiodev=silence");
      case ES1370 -> line.add("-device", "ES1370,id=sound0,audiodev=silence");
      case AC97 -> line.add("-device", "AC97,id=sound0,audiodev=silence");
      case ICH6 -> highDefinition("intel-hda");
      case ICH9 -> highDefinition("ich9-intel-hda");
      case USB -> {}
    }
  }

  private void highDefinition(String controller) {
    line.add("-device", controller + ",id=sound0");
    line.add("-device", "hda-duplex,bus=sound0.0,audiodev=silence");
  }

  /** What is on USB: controller, sound, keyboard and tablet. */
  void input(Disks disks) {
    boolean usbInput = devices.inputBus().equals(Optional.of(InputBus.USB));
    boolean tablet = devices.tablet() && devices.inputBus().isEmpty();
    boolean usbDisk =
        disks.bus() == DiskBus.USB || disks.cdromBus().equals(Optional.of(DiskBus.USB));
    UsbModel model = devices.usbModel().orElse(UsbModel.QEMU_XHCI);
    boolean wanted = devices.usbModel().isPresent() && model != UsbModel.NONE;
    boolean usbSound = devices.soundModel().equals(Optional.of(SoundModel.USB));
    if (wanted || usbInput || tablet || usbDisk || usbSound) {
      String driver = model == UsbModel.NEC_XHCI ? "nec-usb-xhci" : "qemu-xhci";
      line.add("-device", driver + ",id=usb");
    }
    if (usbSound) {
      line.add("-device", "usb-audio,bus=usb.0,id=sound0,audiodev=silence");
    }
    if (usbInput || tablet) {
      line.add("-device", "usb-tablet,bus=usb.0,id=tablet0");
    }
    if (usbInput) {
      line.add("-device", "usb-kbd,bus=usb.0,id=keyboard0");
    }
    if (devices.inputBus().equals(Optional.of(InputBus.VIRTIO))) {
      line.add("-device", "virtio-tablet-pci,id=tablet0");
      line.add("-device", "virtio-keyboard-pci,id=keyboard0");
    }
  }
}
