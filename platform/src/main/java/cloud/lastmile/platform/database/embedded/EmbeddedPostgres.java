package cloud.lastmile.platform.database.embedded;

import cloud.lastmile.platform.database.DatabaseUrl;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A real PostgreSQL server of our own, reached over a unix socket that only root and its own user
 * can open. It starts with {@link #start} and ends with {@link #close}; if it dies in between it is
 * started again at once. A server left over by a killed Lastmile is stopped cleanly first.
 */
public final class EmbeddedPostgres implements AutoCloseable {

  /**
   * @param directory becomes the server's home: {@code cluster}, {@code run} and {@code log} in it
   * @param binaries where the unpacked programs are kept, shared between clouds
   * @param user the system user that runs the server when we are root; made if missing
   * @param durable false only for tests: commits are not forced to the disk
   */
  public record Config(Path directory, Path binaries, String user, boolean durable) {
    public static Config in(Path directory) {
      return new Config(directory, PostgresBinaries.defaultCache(), "lastmile-db", true);
    }

    public Config forgetful() {
      return new Config(directory, binaries, user, false);
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedPostgres.class);
  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(20);
  private static final String SUPERUSER = "lastmile";

  private final PostgresCluster cluster;
  private volatile boolean closing;
  private final AtomicInteger restarts = new AtomicInteger();
  private @Nullable Process process;

  private EmbeddedPostgres(PostgresCluster cluster) {
    this.cluster = cluster;
  }

  /** Makes the cluster if there is none and returns when the server answers. */
  public static EmbeddedPostgres start(Config config) {
    SystemUser user = SystemUser.prepare(config.user());
    PostgresBinaries binaries = PostgresBinaries.unpack(config.binaries());
    PostgresCluster cluster =
        new PostgresCluster(
            config.directory().toAbsolutePath(), binaries, user, SUPERUSER, config.durable());
    try {
      cluster.prepare();
      EmbeddedPostgres server = new EmbeddedPostgres(cluster);
      server.stopLeftover();
      server.launch();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot start PostgreSQL in " + config.directory(), e);
    }
  }

  /** The address of a database on this server, for {@link Database#connect}. */
  public DatabaseUrl url(String database) {
    return DatabaseUrl.unixSocket(cluster.socket(), database, SUPERUSER);
  }

  /** How often the server died and was started again. */
  public int restarts() {
    return restarts.get();
  }

  /** The server's process id, or empty while it is down. */
  public synchronized Optional<Long> pid() {
    return Optional.ofNullable(process).filter(Process::isAlive).map(Process::pid);
  }

  private synchronized void launch() throws IOException {
    if (closing) {
      return;
    }
    cluster.writeConfiguration();
    long deadline = System.nanoTime() + START_LIMIT.toNanos();
    // The backends of a killed server hold its shared memory for a moment: try again until then.
    while (true) {
      Process started = cluster.spawn();
      if (becameReady(started, deadline)) {
        process = started;
        Thread.ofVirtual().name("postgres-watch").start(() -> watch(started));
        return;
      }
      if (System.nanoTime() > deadline || !cluster.failedOnLeftover()) {
        throw new IOException("PostgreSQL does not start: " + cluster.logTail());
      }
    }
  }

  private boolean becameReady(Process started, long deadline) {
    while (System.nanoTime() < deadline) {
      try {
        if (started.waitFor(5, TimeUnit.MILLISECONDS)) {
          return false;
        }
      } catch (InterruptedException e) {
        started.destroyForcibly();
        Thread.currentThread().interrupt();
        return false;
      }
      if (cluster.isReady(started.pid())) {
        return true;
      }
    }
    started.destroyForcibly();
    return false;
  }

  private void watch(Process server) {
    SystemUser.waitFor(server);
    for (int attempt = 0; !closing; attempt++) {
      try {
        LOG.warn("PostgreSQL ended unexpectedly; starting it again");
        restarts.incrementAndGet();
        launch();
        return;
      } catch (IOException | RuntimeException e) {
        LOG.error("PostgreSQL could not be started again", e);
        sleep(Math.min(5_000, 100L << Math.min(attempt, 6)));
      }
    }
  }

  private void stopLeftover() throws IOException {
    Optional<ProcessHandle> leftover = cluster.leftover();
    if (leftover.isPresent()) {
      LOG.info("Stopping the PostgreSQL server {} left by an earlier run", leftover.get().pid());
      stop(leftover.get());
    }
  }

  /** Fast shutdown: sessions are ended, what is committed is on the disk. */
  @Override
  public void close() {
    closing = true;
    synchronized (this) {
      if (process != null && process.isAlive()) {
        stop(process.toHandle());
      }
    }
  }

  private static void stop(ProcessHandle server) {
    for (String signal : List.of("INT", "QUIT", "KILL")) {
      try {
        SystemUser.run(List.of("kill", "-" + signal, Long.toString(server.pid())));
        server.onExit().get(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        return;
      } catch (TimeoutException e) {
        LOG.warn("PostgreSQL does not end on SIG{}", signal);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (IOException | java.util.concurrent.ExecutionException e) {
        if (!server.isAlive()) {
          return;
        }
        LOG.warn("Cannot stop PostgreSQL", e);
      }
    }
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The directory that holds everything of this server. */
  public Path directory() {
    return cluster.home();
  }

  /** For tests: forgets the running server, as a killed Lastmile does. */
  void abandon() {
    closing = true;
  }
}
