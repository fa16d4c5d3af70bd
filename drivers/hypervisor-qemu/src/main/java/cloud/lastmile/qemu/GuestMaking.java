package cloud.lastmile.qemu;

import cloud.lastmile.agent.GuestHardware;
import cloud.lastmile.agent.GuestSpec;
import cloud.lastmile.agent.GuestSpec.DiskImage;
import cloud.lastmile.agent.GuestSpec.KernelBoot;
import cloud.lastmile.agent.GuestStatus;
import cloud.lastmile.agent.HostException;
import cloud.lastmile.agent.HostFacts;
import cloud.lastmile.agent.Vif;
import cloud.lastmile.agent.VifDriver;
import cloud.lastmile.platform.core.CommandException;
import cloud.lastmile.platform.core.Commands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a guest and how they are made on this host. Each call can be repeated.
 *
 * @param changes told of every guest that changed by itself
 */
record GuestMaking(
    QemuConfig config,
    ImageCache images,
    VifDriver vifs,
    UserPool users,
    HostFacts host,
    Consumer<GuestStatus> changes) {
  private static final Duration TIMEOUT = Duration.ofMinutes(1);
  private static final long GIB = 1L << 30;
  private static final int LAST_WORDS = 1000;

  /** No disk is larger: 64 TiB. */
  private static final long MAX_DISK = 1L << 46;

  /** Kernels and ramdisks are read whole into the guest's memory. */
  private static final long MAX_KERNEL = GIB;

  Duration powerdownGrace() {
    return config.powerdownGrace();
  }

  /**
   * What the guest shall be, given what it is. Its disk stays unless a higher generation is asked
   * for; checks of a new disk happen here, before anything is changed.
   */
  GuestRecord wanted(GuestSpec spec, @Nullable GuestRecord before, GuestFiles files)
      throws HostException {
    int generation =
        before == null
            ? spec.diskGeneration()
            : Math.max(before.diskGeneration(), spec.diskGeneration());
    boolean cdrom = spec.rootDisk().format().equals("iso");
    UUID imageId = spec.rootDisk().imageId();
    long diskSize;
    if (before != null && before.diskGeneration() == generation && hasDisk(before, files)) {
      cdrom = before.cdrom();
      imageId = before.imageId();
      diskSize = before.diskSize();
    } else {
      long asked = spec.rootDiskGib() == 0 ? MAX_DISK : spec.rootDiskGib() * GIB;
      long imageSize = images.load(spec.rootDisk(), asked);
      diskSize = cdrom || spec.rootDiskGib() == 0 ? imageSize : asked;
    }
    return new GuestRecord(
        spec.id(),
        spec.name(),
        spec.vcpus(),
        spec.memoryMib(),
        imageId,
        cdrom,
        diskSize,
        generation,
        spec.vifs(),
        spec.configDrive().filter(content -> !content.isEmpty()).map(ConfigDrive::fileName),
        spec.hardware(),
        users.of(spec.id()),
        kernel(spec));
  }

  private Optional<GuestRecord.Kernel> kernel(GuestSpec spec) throws HostException {
    if (spec.kernel().isEmpty()) {
      return Optional.empty();
    }
    KernelBoot boot = spec.kernel().get();
    images.load(boot.kernel(), MAX_KERNEL);
    if (boot.ramdisk().isPresent()) {
      images.load(boot.ramdisk().get(), MAX_KERNEL);
    }
    return Optional.of(
        new GuestRecord.Kernel(
            boot.kernel().imageId(), boot.ramdisk().map(DiskImage::imageId), boot.commandLine()));
  }

  boolean hasDisk(GuestRecord guest, GuestFiles files) {
    return Files.isRegularFile(
        guest.cdrom() ? images.file(guest.imageId()) : files.disk(guest.diskGeneration()),
        LinkOption.NOFOLLOW_LINKS);
  }

  /** Fetches the image under an existing disk again should its file be lost. */
  void restoreImage(GuestRecord guest, DiskImage image) throws HostException {
    if (image.imageId().equals(guest.imageId()) && !Files.exists(images.file(guest.imageId()))) {
      images.load(image, MAX_DISK);
    }
  }

  /** Makes the root disk and removes those of earlier generations. */
  void makeDisk(GuestRecord guest, DiskImage image, GuestFiles files) throws HostException {
    images.load(image, MAX_DISK); // It may have left the cache before the record claimed it.
    try {
      for (String kind : List.of("disk.", "firmware.")) {
        files.deleteInRun(kind, Optional.empty());
      }
      if (!guest.cdrom()) {
        makeOverlay(guest, files);
      }
    } catch (IOException | CommandException e) {
      throw new HostException(
          "cannot make the disk of guest %s: %s".formatted(guest.id(), e.getMessage()), true, e);
    }
  }

  private void makeOverlay(GuestRecord guest, GuestFiles files)
      throws IOException, CommandException {
    Path temporary = files.scratch("disk");
    Commands.run(
        List.of(
            "qemu-img",
            "create",
            "-q",
            "-f",
            "qcow2",
            "-F",
            "raw",
            "-b",
            images.file(guest.imageId()).toString(),
            temporary.toString(),
            Long.toString(guest.diskSize())),
        TIMEOUT);
    GuestFiles.own(temporary, guest.uid(), guest.uid(), "rw-------");
    GuestFiles.publish(temporary, files.disk(guest.diskGeneration()));
  }

  /** Makes the config drive and removes one of other content. */
  void makeConfigDrive(GuestRecord guest, Optional<Map<String, byte[]>> content, GuestFiles files)
      throws HostException {
    try {
      files.deleteInRun("config-", guest.configDrive());
      if (guest.configDrive().isPresent() && content.isPresent()) {
        ConfigDrive.write(
            files.scratch("config"),
            content.get(),
            files.run().resolve(guest.configDrive().get()),
            guest.uid());
      }
    } catch (IOException e) {
      throw new HostException("cannot make or remove a config drive", true, e);
    }
  }

  /** Plugs the VIFs, starts QEMU and waits until it answers. */
  RunningGuest launch(
      GuestRecord guest,
      GuestHardware hardware,
      GuestFiles files,
      BiConsumer<RunningGuest, RunningGuest.End> onEnd)
      throws HostException {
    int queues = CommandLine.queues(hardware, guest.vcpus());
    for (Vif vif : guest.vifs()) {
      vifs.plug(vif, guest.uid(), queues);
    }
    if (hardware.machine().hasVariables()) {
      Firmwares.prepare(guest, hardware.machine().firmware(), files);
    }
    QemuProcess process = QemuProcess.launch(command(guest, hardware, files), files.qemuLog());
    RunningGuest run = new RunningGuest(process, guest.uid(), files, onEnd);
    try {
      run.awaitStart();
      return run;
    } catch (HostException e) {
      run.close();
      process.kill();
      throw new HostException(e.getMessage() + ": " + lastWords(files), e.retryable(), e);
    }
  }

  private List<String> command(GuestRecord guest, GuestHardware hardware, GuestFiles files)
      throws HostException {
    try {
      files.create(guest.uid());
      Files.deleteIfExists(files.socket());
      // Its memory, which the core would hold, is the tenant's.
      List<String> command =
          new ArrayList<>(List.of("prlimit", "--core=0", "--", "qemu-system-x86_64"));
      command.addAll(
          CommandLine.of(
              guest,
              hardware,
              new CommandLine.Surroundings(
                  host.accelerator(),
                  config.tcgBufferMib(),
                  config.tapVnetHeader(),
                  images.directory(),
                  files.run())));
      Set<Integer> groups = imageGroups(guest);
      if (host.accelerator().equals("kvm")) {
        groups.addAll(AcceleratorProbe.groups());
      }
      return config.namespace().wrap(Commands.asUser(guest.uid(), guest.uid(), groups, command));
    } catch (IOException e) {
      throw new HostException("cannot start guest " + guest.id(), true, e);
    }
  }

  /** The groups that may read what the guest is made of. */
  private Set<Integer> imageGroups(GuestRecord guest) throws HostException {
    Set<Integer> groups = new HashSet<>();
    for (UUID image : guest.images()) {
      groups.add(images.group(image));
    }
    return groups;
  }

  /** Plugs the VIFs that a running guest does not have yet. */
  void plugMissing(GuestRecord guest, GuestHardware hardware, RunningGuest running)
      throws HostException {
    if (guest.vifs().isEmpty()) {
      return;
    }
    try {
      Set<String> plugged = running.plugged();
      int queues = CommandLine.queues(hardware, guest.vcpus());
      for (Vif vif : guest.vifs()) {
        vifs.plug(vif, guest.uid(), queues);
        if (!plugged.contains(CommandLine.deviceId(vif.portId()))) {
          running.plug(vif, hardware, config.tapVnetHeader(), queues);
        }
      }
    } catch (IOException e) {
      throw new HostException(
          "cannot plug a VIF into guest %s: %s".formatted(guest.id(), e.getMessage()), true, e);
    }
  }

  void unplugAll(@Nullable GuestRecord guest) throws HostException {
    if (guest == null) {
      return;
    }
    for (Vif vif : guest.vifs()) {
      vifs.unplug(vif.tapName());
    }
  }

  Snapshot snapshot(GuestRecord guest, GuestFiles files) throws HostException {
    UUID base = guest.imageId();
    return new Snapshot(guest, files, images.file(base), images.group(base), images.sandbox());
  }

  /** The end of what QEMU wrote on standard error, as one line. */
  String lastWords(GuestFiles files) {
    try {
      String end = files.lastWords(LAST_WORDS).strip();
      return end.isEmpty() ? "QEMU died without a word" : end.replace("\n", "; ");
    } catch (IOException e) {
      return "QEMU died without a word";
    }
  }
}
