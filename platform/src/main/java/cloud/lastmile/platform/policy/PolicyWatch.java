package cloud.lastmile.platform.policy;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.Objects;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the policy file again whenever it is written, replaced or removed; the operating system
 * tells. A file with a mistake changes nothing: it is logged, and what was in force stays.
 */
public final class PolicyWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PolicyWatch.class);

  private final PolicyFile file;
  private final Consumer<Policy> replace;
  private final WatchService watch;

  private PolicyWatch(PolicyFile file, Consumer<Policy> replace, WatchService watch) {
    this.file = file;
    this.replace = replace;
    this.watch = watch;
  }

  /**
   * @param replace puts a policy in force; called on a thread of its own
   */
  public static PolicyWatch start(PolicyFile file, Consumer<Policy> replace) throws IOException {
    Path directory = Objects.requireNonNull(file.path().toAbsolutePath().getParent());
    WatchService watch = directory.getFileSystem().newWatchService();
    directory.register(
        watch,
        StandardWatchEventKinds.ENTRY_CREATE,
        StandardWatchEventKinds.ENTRY_MODIFY,
        StandardWatchEventKinds.ENTRY_DELETE);
    PolicyWatch started = new PolicyWatch(file, replace, watch);
    Thread.ofPlatform().daemon().name("policy-watch").start(started::run);
    return started;
  }

  private void run() {
    try {
      while (true) {
        WatchKey key = watch.take();
        boolean ours =
            key.pollEvents().stream()
                .anyMatch(event ->
                    event.kind().equals(StandardWatchEventKinds.OVERFLOW)
                        || file.path().getFileName().equals(event.context()));
        key.reset();
        if (ours) {
          reload();
        }
      }
    } catch (ClosedWatchServiceException | InterruptedException closed) {
      LOG.debug("The policy file is no longer watched");
    }
  }

  private void reload() {
    try {
      replace.accept(file.load());
      LOG.info("{} is in force", file.path());
    } catch (IllegalArgumentException mistake) {
      LOG.error("The policy stays as it was: {}", mistake.getMessage());
    }
  }

  @Override
  public void close() throws IOException {
    watch.close();
  }
}
