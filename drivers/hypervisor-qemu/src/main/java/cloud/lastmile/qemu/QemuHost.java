package cloud.lastmile.qemu;

import cloud.lastmile.agent.GuestSpec;
import cloud.lastmile.agent.GuestStatus;
import cloud.lastmile.agent.Host;
import cloud.lastmile.agent.HostException;
import cloud.lastmile.agent.HostFacts;
import cloud.lastmile.agent.Vif;
import cloud.lastmile.agent.VifDriver;
import cloud.lastmile.platform.work.EachAlone;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs guests with QEMU, each a detached process of an unprivileged user in a seccomp sandbox,
 * controlled over its QMP socket. Needs root, for it makes files for other users and starts
 * processes as them.
 *
 * <p>Guests that power off themselves stay as paused processes until this program has seen it; so a
 * guest whose process is gone, without a note in {@link GuestState} that Lastmile ended it, has
 * crashed.
 */
public final class QemuHost implements Host {
  private static final Logger LOG = LoggerFactory.getLogger(QemuHost.class);
  private static final long LOG_LIMIT = 1 << 20;

  private final HostFacts facts;
  private final Path guestsDirectory;
  private final GuestMaking making;
  private final UserPool users;
  private final VifDriver vifs;
  private final ImageCache images;
  private final Map<UUID, Guest> guests = new ConcurrentHashMap<>();
  private final List<Consumer<GuestStatus>> listeners = new CopyOnWriteArrayList<>();
  private final EachAlone loading = new EachAlone("host-load");
  private final EachAlone sweeping = new EachAlone("host-sweep");

  private QemuHost(
      QemuConfig config, VifDriver vifs, ImageCache images, HostFacts facts, Path directory)
      throws IOException {
    this.facts = facts;
    this.vifs = vifs;
    this.images = images;
    this.guestsDirectory = directory.resolve("guests");
    this.users = new UserPool(config.users().guests(), guestsDirectory.toRealPath());
    this.making = new GuestMaking(config, images, vifs, users, facts, this::tellListeners);
  }

  /**
   * Opens the host and finds its guests again. At most one open host may use a directory.
   *
   * @throws IOException if the directory or QEMU is not usable; the message says why
   */
  public static QemuHost open(QemuConfig config, VifDriver vifs) throws IOException, HostException {
    int root = GuestFiles.currentUid();
    GuestFiles.directory(config.directory(), root, 0, "rwx--x--x");
    Path directory = ShortPath.of(config.directory().toRealPath());
    GuestFiles.directory(directory.resolve("guests"), root, 0, "rwx--x--x");
    Sandbox.endOrphans(directory.resolve("guests"));
    ImageCache images =
        new ImageCache(
            directory.resolve("images"),
            config.users(),
            config.imageCache(),
            InstantSource.system());
    HostFacts facts = HostInspection.inspect(config);
    QemuHost host = new QemuHost(config, vifs, images, facts, directory);
    host.load();
    return host;
  }

  /**
   * Ends every guest's process, as a power cut would; their disks stay. For a directory that no
   * host has open.
   *
   * @param users as the host had them
   */
  public static void powerOff(Path directory, GuestUsers users) throws IOException, HostException {
    if (!Files.isDirectory(directory)) {
      return;
    }
    Path guests = ShortPath.of(directory.toRealPath()).resolve("guests");
    for (QemuProcess process : QemuProcess.all(guests).values()) {
      process.kill();
    }
    // One whose guest has taken it over may have hidden from that.
    if (Files.isDirectory(guests)) {
      for (int uid : users.guests().of(guests.toRealPath())) {
        QemuProcess.endAll(uid);
      }
    }
  }

  private void load() throws IOException, HostException {
    Map<UUID, QemuProcess> processes = QemuProcess.all(guestsDirectory);
    try (DirectoryStream<Path> directories = Files.newDirectoryStream(guestsDirectory)) {
      for (Path directory : directories) {
        loading.run(directory.getFileName().toString(), () -> load(directory, processes));
      }
    }
    if (loading.failed().isEmpty()) {
      users.releaseUnknown();
    }
    LOG.info("found {} guests, {} of them running", guests.size(), processes.size());
  }

  private void load(Path directory, Map<UUID, QemuProcess> processes)
      throws IOException, HostException {
    UUID id = UUID.fromString(directory.getFileName().toString());
    GuestFiles files = new GuestFiles(directory, id);
    if (!Files.exists(files.spec())) {
      files.delete(); // Interrupted before anything was made, or after all was removed.
      return;
    }
    Guest guest = new Guest(files, making);
    guest.locked(() -> {
      guest.load(Optional.ofNullable(processes.get(id)));
      return guest;
    });
    guests.put(id, guest);
  }

  @Override
  public HostFacts facts() {
    return facts;
  }

  @Override
  public void ensure(GuestSpec spec) throws HostException {
    while (true) {
      Guest guest = guests.computeIfAbsent(spec.id(), this::newGuest);
      boolean done =
          guest.locked(() -> {
            if (guest.removed()) {
              return false; // Removed while we waited: begin anew.
            }
            try {
              ensure(guest, spec);
            } finally {
              forgetIfUnknown(spec.id(), guest);
            }
            return true;
          });
      if (done) {
        return;
      }
    }
  }

  /** With a full disk, images that no guest uses make room. */
  private void ensure(Guest guest, GuestSpec spec) throws HostException {
    try {
      guest.ensure(spec);
    } catch (HostException failure) {
      if (!isDiskFull(failure)) {
        throw failure;
      }
      if (!images.evictAll(this::usesImage)) {
        throw diskFull(failure);
      }
      ensureAgain(guest, spec);
    }
  }

  private static void ensureAgain(Guest guest, GuestSpec spec) throws HostException {
    try {
      guest.ensure(spec);
    } catch (HostException failure) {
      throw isDiskFull(failure) ? diskFull(failure) : failure;
    }
  }

  private static HostException diskFull(HostException cause) {
    return new HostException("The host has no disk space left.", cause.retryable(), cause);
  }

  /** The most usual reason, which each tool words in its own way around the system's message. */
  private static boolean isDiskFull(HostException failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      String message = cause.getMessage();
      if (message != null && message.contains("No space left on device")) {
        return true;
      }
    }
    return false;
  }

  private Guest newGuest(UUID id) {
    return new Guest(new GuestFiles(guestsDirectory.resolve(id.toString()), id), making);
  }

  /** A spec that was refused leaves no guest behind. */
  private void forgetIfUnknown(UUID id, Guest guest) {
    if (guest.record().isEmpty()) {
      guest.forget();
      guests.remove(id, guest);
      try {
        users.release(id);
      } catch (HostException failure) {
        LOG.warn("the user of guest {}, which was not made, stays taken", id, failure);
      }
    }
  }

  @Override
  public void remove(UUID id) throws HostException {
    Guest guest = guests.get(id);
    if (guest == null) {
      return;
    }
    guest.hurry();
    guest.locked(() -> {
      if (!guest.removed()) {
        guest.remove();
        guests.remove(id, guest);
        users.release(id);
      }
      return guest;
    });
  }

  @Override
  public void reboot(UUID id, RebootType type) throws HostException {
    Guest guest = existing(id);
    guest.locked(() -> {
      guest.reboot(type);
      return guest;
    });
  }

  @Override
  public void interrupt(UUID id) throws HostException {
    Guest guest = existing(id);
    guest.locked(() -> {
      guest.interrupt();
      return guest;
    });
  }

  @Override
  public Optional<GuestStatus> status(UUID id) {
    return Optional.ofNullable(guests.get(id)).flatMap(Guest::status);
  }

  @Override
  public List<GuestStatus> observe() {
    return guests.values().stream().flatMap(guest -> guest.status().stream()).toList();
  }

  @Override
  public String consoleLog(UUID id, int lines) throws HostException {
    return existing(id).consoleLog(lines);
  }

  @Override
  public void snapshot(UUID id, Path target) throws HostException {
    Guest guest = existing(id);
    guest.locked(() -> {
      guest.snapshot(target);
      return guest;
    });
  }

  @Override
  public void sweep() throws HostException {
    Set<String> orphans = new HashSet<>(vifs.plugged());
    for (Guest guest : guests.values()) {
      guest
          .record()
          .ifPresent(record -> record.vifs().stream().map(Vif::tapName).forEach(orphans::remove));
      sweeping.run(guest.id().toString(), () -> guest.cutLog(LOG_LIMIT));
    }
    for (String tap : orphans) {
      LOG.info("removing tap {}, which no guest owns", tap);
      sweeping.run(tap, () -> vifs.unplug(tap));
    }
    sweeping.run("images", () -> images.evict(this::usesImage));
  }

  private boolean usesImage(UUID imageId) {
    return guests.values().stream()
        .flatMap(guest -> guest.record().stream())
        .anyMatch(record -> record.uses(imageId));
  }

  @Override
  public void onChange(Consumer<GuestStatus> listener) {
    listeners.add(listener);
  }

  private void tellListeners(GuestStatus status) {
    for (Consumer<GuestStatus> listener : listeners) {
      try {
        listener.accept(status);
      } catch (RuntimeException failure) {
        LOG.warn("who listens to {} failed", status, failure);
      }
    }
  }

  @Override
  public void close() {
    listeners.clear();
    guests.values().forEach(Guest::detach);
  }

  private Guest existing(UUID id) throws HostException {
    Guest guest = guests.get(id);
    if (guest == null || guest.status().isEmpty()) {
      throw new HostException("guest " + id + " is not on this host", false);
    }
    return guest;
  }
}
