package cloud.lastmile.platform.policy;

import cloud.lastmile.platform.config.SavedFile;
import cloud.lastmile.platform.config.SavedFile.Content;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the policy file again when it was saved; the operating system tells. What is in force stays
 * until the file is whole and without a mistake, whatever happens to it meanwhile: see {@link
 * PolicyFile}. A file that took the former's place in one step, as a rename does it, is whole at
 * once; one that is written in place is, when nobody has it open and it has rested; one that is
 * missing was removed, when it does not come back.
 *
 * <p>Of what is behind a link, or on a disk of another machine, the operating system tells nothing;
 * so the file is looked at now and then as well, and what is found so counts as written in place.
 */
public final class PolicyWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PolicyWatch.class);
  private static final long LOOK_AGAIN_MILLIS = 100;

  private final PolicyFile file;
  private final SavedFile saved;
  private final Consumer<Policy> replace;
  private final WatchService watch;
  private final Patience patience;

  /** Whether the last that happened was a file taking the place of the one that was there. */
  private boolean cameInOneStep;

  /** Whether no file has the name, by what the operating system tells in its order. */
  private boolean absent;

  /** Empty while the file is missing. */
  private Optional<Content> seen;

  private long seenSince = System.nanoTime();

  /** Whether what was seen has been judged: is in force, or was refused. */
  private boolean judged = true;

  private Set<String> overridden;

  /** What was last said to be wrong, so that it is not said at each look. */
  private String complaint = "";

  /**
   * How long to wait.
   *
   * @param rest for a file that was written in place
   * @param gone for a file that is missing
   * @param look at most until the next look, though nobody told that anything happened
   */
  record Patience(Duration rest, Duration gone, Duration look) {
    static final Patience STANDARD =
        new Patience(Duration.ofSeconds(1), Duration.ofSeconds(10), Duration.ofSeconds(5));
  }

  private PolicyWatch(
      PolicyFile file,
      Consumer<Policy> replace,
      WatchService watch,
      boolean absent,
      Patience patience) {
    this.file = file;
    this.saved = file.saved();
    this.replace = replace;
    this.watch = watch;
    this.absent = absent;
    this.patience = patience;
    this.overridden = file.loaded();
    this.seen = Optional.empty();
  }

  /**
   * Call it after {@link PolicyFile#load}, whose policy is in force.
   *
   * @param replace puts a policy in force; called on a thread of its own
   */
  public static PolicyWatch start(PolicyFile file, Consumer<Policy> replace) throws IOException {
    return start(file, replace, Patience.STANDARD);
  }

  static PolicyWatch start(PolicyFile file, Consumer<Policy> replace, Patience patience)
      throws IOException {
    Path directory = Objects.requireNonNull(file.path().toAbsolutePath().getParent());
    WatchService watch = directory.getFileSystem().newWatchService();
    boolean absent = !Files.exists(file.path());
    directory.register(
        watch,
        StandardWatchEventKinds.ENTRY_CREATE,
        StandardWatchEventKinds.ENTRY_MODIFY,
        StandardWatchEventKinds.ENTRY_DELETE);
    PolicyWatch started = new PolicyWatch(file, replace, watch, absent, patience);
    Thread.ofPlatform().daemon().name("policy-watch").start(started::run);
    return started;
  }

  private void run() {
    try {
      // It may have changed between the load and the watch.
      look(false);
      while (true) {
        @Nullable WatchKey key = watch.poll(pause(), TimeUnit.MILLISECONDS);
        if (key == null) {
          look(false);
        } else if (heed(key)) {
          look(true);
        }
      }
    } catch (ClosedWatchServiceException | InterruptedException closed) {
      LOG.debug("The policy file is no longer watched");
    }
  }

  /** Longer and longer: who has a file open for writing may have it for days. */
  private long pause() {
    if (judged) {
      return patience.look().toMillis();
    }
    long sinceMillis = Duration.ofNanos(System.nanoTime() - seenSince).toMillis();
    return Math.min(LOOK_AGAIN_MILLIS + sinceMillis / 10, patience.look().toMillis());
  }

  /** Whether something happened to the file. */
  private boolean heed(WatchKey key) {
    boolean ours = false;
    for (WatchEvent<?> event : key.pollEvents()) {
      boolean overflow = event.kind().equals(StandardWatchEventKinds.OVERFLOW);
      if (overflow || file.path().getFileName().equals(event.context())) {
        ours = true;
        boolean created = event.kind().equals(StandardWatchEventKinds.ENTRY_CREATE);
        // A name that gets a file while it has one was renamed over; what was lost may be a
        // removal.
        cameInOneStep = created && !absent;
        absent = overflow || event.kind().equals(StandardWatchEventKinds.ENTRY_DELETE);
        if (absent) {
          seen(Optional.empty());
        }
      }
    }
    key.reset();
    return ours;
  }

  private void seen(Optional<Content> now) {
    seen = now;
    seenSince = System.nanoTime();
    judged = false;
  }

  /**
   * @param told whether the operating system told that something happened to the file
   */
  private void look(boolean told) {
    try {
      Optional<Content> now = saved.read();
      if (!now.equals(seen)) {
        cameInOneStep &= told;
        seen(now);
        complaint = "";
      }
      if (!judged) {
        judge();
      }
    } catch (IllegalArgumentException mistake) {
      judged = true;
      String message = String.valueOf(mistake.getMessage());
      if (!message.equals(complaint)) {
        LOG.error("The policy stays as it was: {}", message);
      }
      complaint = message;
    }
  }

  private boolean hasRested(Duration time) {
    return System.nanoTime() - seenSince >= time.toNanos();
  }

  private void judge() {
    if (seen.isEmpty()) {
      if (overridden.isEmpty()) {
        judged = true;
      } else if (hasRested(patience.gone())) {
        LOG.warn("{} was removed: no longer overridden are {}", file.path(), overridden);
        accept(file.none());
      }
      return;
    }
    Content content = seen.get();
    boolean whole = cameInOneStep || content.saysItIsWhole();
    // The moment in which the operating system would tell that it is written already.
    Duration rest = whole ? Duration.ofMillis(LOOK_AGAIN_MILLIS) : patience.rest();
    if (hasRested(rest) && saved.isSettled(content)) {
      PolicyFile.Draft draft = file.parse(content);
      if (!whole) {
        file.requireWhole(content, draft, overridden);
      }
      accept(draft);
    }
  }

  private void accept(PolicyFile.Draft draft) {
    judged = true;
    replace.accept(draft.policy());
    overridden = draft.overridden();
    file.remember(overridden);
    LOG.info("{} is in force with {} rules of its own", file.path(), overridden.size());
  }

  @Override
  public void close() throws IOException {
    watch.close();
  }
}
