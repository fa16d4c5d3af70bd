package cloud.lastmile.qemu;

import static cloud.lastmile.qemu.Arguments.escaped;

import cloud.lastmile.agent.GuestHardware;
import cloud.lastmile.agent.GuestHardware.Firmware;
import cloud.lastmile.agent.GuestHardware.Processors;
import cloud.lastmile.agent.GuestHardware.Watchdog;
import java.nio.file.Path;
import java.util.Locale;

/** The board: machine, processors, firmware, kernel, clock. */
record MachineArguments(
    Arguments line,
    GuestRecord guest,
    GuestHardware hardware,
    CommandLine.Surroundings surroundings) {

  void add() {
    line.add("-name", "guest=" + guest.name() + ",debug-threads=on");
    line.add("-uuid", guest.id().toString());
    line.add("-nodefaults", "-no-user-config");
    line.add("-display", "none");
    line.add("-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny");
    machine();
    processors();
    line.add("-m", "size=" + guest.memoryMib() + "M");
    line.add(
        "-rtc",
        "base=" + (hardware.machine().localTime() ? "localtime" : "utc") + ",driftfix=slew");
    // cloud-init recognises OpenStack by manufacturer and product.
    line.add(
        "-smbios",
        "type=1,manufacturer=OpenStack Foundation,product=OpenStack Nova,serial=%s,uuid=%s,family=Virtual Machine"
            .formatted(guest.id(), guest.id()));
    String power = hardware.machine().isPci() ? "PIIX4_PM" : "ICH9-LPC";
    line.add("-global", power + ".disable_s3=1", "-global", power + ".disable_s4=1");
    line.add("-boot", hardware.machine().bootMenu() ? "strict=on,menu=on" : "strict=on");
    // A guest that powers off stays as a paused process until Lastmile has seen it, so that the
    // death of a process always means a crash.
    line.add("-action", "shutdown=pause,panic=shutdown" + watchdog());
    kernel();
  }

  private void machine() {
    GuestHardware.Machine machine = hardware.machine();
    StringBuilder options = new StringBuilder(machine.type());
    options.append(",usb=off,vmport=off,dump-guest-core=off");
    machine.hpet().ifPresent(there -> options.append(there ? ",hpet=on" : ",hpet=off"));
    if (machine.firmware() != Firmware.BIOS) {
      line.rawFile("firmware", Firmwares.code(machine.firmware()), true);
      options.append(",pflash0=firmware");
    }
    if (machine.hasVariables()) {
      line.rawFile("variables", surroundings.run().resolve(guest.firmwareName()), false);
      options.append(",pflash1=variables");
    }
    if (machine.firmware() == Firmware.SECURE_UEFI) {
      // Only the firmware, in its mode of system management, may write the variables.
      options.append(",smm=on");
      line.add("-global", "driver=cfi.pflash01,property=secure,value=on");
    }
    line.add("-machine", options.toString());
  }

  private void processors() {
    boolean hidden = hardware.machine().hidden();
    Processors asked = hardware.processors();
    String pmu = asked.pmu().map(counts -> counts ? ",pmu=on" : ",pmu=off").orElse("");
    if (surroundings.accelerator().equals("kvm")) {
      line.add("-accel", "kvm", "-cpu", (hidden ? "host,kvm=off" : "host") + pmu);
    } else {
      // la57 makes guests walk five levels of page tables, which TCG does slowly.
      int buffer = Math.max(surroundings.tcgBufferMib(), guest.memoryMib() / 8);
      line.add("-accel", "tcg,thread=multi,tb-size=" + buffer);
      line.add("-cpu", (hidden ? "max,la57=off,tcg-cpuid=off" : "max,la57=off") + pmu);
    }
    boolean fits = asked.sockets() * asked.cores() * asked.threads() == guest.vcpus();
    Processors made = fits ? asked : new Processors(guest.vcpus(), 1, 1, asked.pmu());
    line.add(
        "-smp",
        "%d,sockets=%d,cores=%d,threads=%d"
            .formatted(guest.vcpus(), made.sockets(), made.cores(), made.threads()));
  }

  private String watchdog() {
    Watchdog action = hardware.devices().watchdog();
    return action == Watchdog.DISABLED ? "" : ",watchdog=" + action.name().toLowerCase(Locale.ROOT);
  }

  private void kernel() {
    guest
        .kernel()
        .ifPresent(kernel -> {
          Path images = surroundings.images();
          line.add("-kernel", images.resolve(ImageCache.name(kernel.kernel())).toString());
          kernel
              .ramdisk()
              .ifPresent(id -> line.add("-initrd", images.resolve(ImageCache.name(id)).toString()));
          line.add("-append", kernel.commandLine());
        });
  }

  /** Monitor and serial console. */
  void control() {
    Path run = surroundings.run();
    line.add(
        "-chardev",
        "socket,id=monitor,path=" + escaped(run.resolve("qmp.sock")) + ",server=on,wait=off");
    line.add("-mon", "chardev=monitor,mode=control");
    line.add("-pidfile", run.resolve("pid").toString());
    // A ring in QEMU's memory: however much the guest writes, it fills no disk, and what it said
    // while Lastmile was away is there afterwards.
    line.add(
        "-chardev", "ringbuf,id=" + CommandLine.CONSOLE + ",size=" + CommandLine.CONSOLE_BYTES);
    line.add("-device", "isa-serial,id=serial0,chardev=" + CommandLine.CONSOLE);
    for (int port = 1; port < hardware.devices().serialPorts(); port++) {
      line.add("-chardev", "null,id=serial" + port + "-end");
      line.add("-device", "isa-serial,id=serial%d,chardev=serial%d-end".formatted(port, port));
    }
  }
}
