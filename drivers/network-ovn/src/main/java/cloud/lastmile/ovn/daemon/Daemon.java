package cloud.lastmile.ovn.daemon;

import cloud.lastmile.ovn.OvnException;
import cloud.lastmile.ovn.ovsdb.OvsdbException;
import cloud.lastmile.platform.core.CommandException;
import cloud.lastmile.platform.core.Commands;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One daemon: found again or started, then watched and started again whenever it dies, until {@link
 * #stop} or {@link #release}.
 */
public final class Daemon {
  private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);
  private static final Duration START = Duration.ofSeconds(30);
  private static final Duration CONTROL = Duration.ofSeconds(5);
  private static final Duration END = Duration.ofSeconds(5);
  private static final Duration SHORT_LIFE = Duration.ofSeconds(2);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
  private static final long LOG_LIMIT = 4L << 20;

  private final DaemonSpec spec;
  private final Runnable afterStart;
  private final AtomicInteger restarts = new AtomicInteger();
  private final Thread watcher;

  /** Held while the process is started again or ended, so that none is started after the end. */
  private final ReentrantLock lifecycle = new ReentrantLock();

  private volatile boolean watching = true;
  private volatile @Nullable ControlSocket control;

  /**
   * @param afterStart is run after each start (not when a running one was found): makes again what
   *     was lost with the process
   */
  public Daemon(DaemonSpec spec, Runnable afterStart) {
    this.spec = spec;
    this.afterStart = afterStart;
    this.watcher = Thread.ofVirtual().name("watch-" + spec.name()).unstarted(this::watch);
  }

  DaemonSpec spec() {
    return spec;
  }

  public Optional<ProcessHandle> process() {
    return RunningProcess.find(spec.pidFile(), spec.program(), spec.mark());
  }

  public int restarts() {
    return restarts.get();
  }

  /** Finds it or starts it, and watches from then on. */
  public void start() {
    if (process().isPresent()) {
      LOG.debug("{} runs already", spec.name());
    } else {
      launch();
    }
    control = connect();
    watcher.start();
  }

  private void launch() {
    try {
      removeOldSockets();
      Commands.run(spec.command(), START, spec.environment());
    } catch (CommandException | IOException e) {
      throw new OvnException("cannot start " + spec.name() + ", see " + spec.logFile(), e);
    }
    afterStart.run();
  }

  /** One that was killed leaves its socket, and where that is named after the pid, forever. */
  private void removeOldSockets() throws IOException {
    String pattern = spec.controlSocket().replace("%d", "*");
    try (DirectoryStream<Path> sockets = Files.newDirectoryStream(spec.directory(), pattern)) {
      for (Path socket : sockets) {
        Files.delete(socket);
      }
    }
  }

  /** The daemon may be found a moment before it listens, so this tries for a while. */
  private ControlSocket connect() {
    Instant deadline = Instant.now().plus(CONTROL);
    while (true) {
      Optional<ProcessHandle> process = process();
      try {
        if (process.isPresent()) {
          return ControlSocket.connect(spec.controlSocket(process.get().pid()));
        }
      } catch (IOException e) {
        LOG.debug("{} does not listen yet", spec.name());
      }
      if (process.isEmpty() || Instant.now().isAfter(deadline)) {
        throw new OvnException(spec.name() + " does not answer, see " + spec.logFile());
      }
      pause(Duration.ofMillis(5));
    }
  }

  private void watch() {
    Duration pause = Duration.ZERO;
    while (watching) {
      Instant since = Instant.now();
      awaitEnd();
      if (!watching) {
        return;
      }
      boolean shortLived = since.plus(SHORT_LIFE).isAfter(Instant.now());
      pause = shortLived ? longer(pause) : Duration.ZERO;
      if (process().isEmpty()) {
        LOG.warn("{} ended; starting it again in {} ms", spec.name(), pause.toMillis());
      }
      pause(pause);
      restart();
    }
  }

  private static Duration longer(Duration pause) {
    Duration next = pause.isZero() ? Duration.ofMillis(100) : pause.multipliedBy(2);
    return next.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : next;
  }

  private void awaitEnd() {
    ControlSocket current = control;
    try {
      if (current != null) {
        current.awaitEnd();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void restart() {
    control = null;
    lifecycle.lock();
    try {
      if (watching && process().isEmpty()) {
        launch();
        restarts.incrementAndGet();
      }
      control = watching ? connect() : null;
    } catch (RuntimeException e) {
      LOG.error("cannot start {} again", spec.name(), e);
    } finally {
      lifecycle.unlock();
    }
  }

  private static void pause(Duration duration) {
    try {
      Thread.sleep(duration);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Lets a new process take over from the running one, with the command and {@code arguments}, in
   * which {@code %d} stands for the pid of the old one.
   */
  public void replace(List<String> arguments) {
    lifecycle.lock();
    try {
      String pid = process().map(p -> Long.toString(p.pid())).orElse("0");
      List<String> command = new ArrayList<>(spec.command());
      arguments.forEach(argument -> command.add(argument.replace("%d", pid)));
      Commands.run(command, START, spec.environment());
    } catch (CommandException e) {
      throw new OvnException("cannot replace " + spec.name(), e);
    } finally {
      lifecycle.unlock();
    }
    ControlSocket current = control;
    if (current != null) {
      // The watcher now turns to the new process.
      current.close();
    }
  }

  /** Watches no longer; the daemon keeps running. */
  public void release() {
    watching = false;
    ControlSocket current = control;
    if (current != null) {
      current.close();
    }
    watcher.interrupt();
  }

  /**
   * Ends it: with a command if one is given, else with the signal that asks; after a while with the
   * one that does not.
   */
  public void stop(List<String> exitCommand) {
    watching = false;
    lifecycle.lock();
    try {
      process().ifPresent(process -> end(process, exitCommand));
    } finally {
      lifecycle.unlock();
      release();
    }
  }

  private void end(ProcessHandle process, List<String> exitCommand) {
    try (ControlSocket current = connect()) {
      if (exitCommand.isEmpty()) {
        process.destroy();
      } else {
        current.run(
            exitCommand.getFirst(),
            exitCommand.subList(1, exitCommand.size()).toArray(String[]::new));
      }
      if (!current.awaitEnd(END)) {
        process.destroyForcibly();
      }
    } catch (OvsdbException | OvnException e) {
      // It hangs, or went away while it was asked.
      process.destroyForcibly();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What the daemon answers to a command; empty if it is away at the moment. */
  Optional<String> command(String command, String... arguments) {
    return Optional.ofNullable(control).map(current -> current.run(command, arguments));
  }

  /** Keeps the log within bounds: one old file and the current one. */
  void rotateLog() {
    ControlSocket current = control;
    try {
      if (current != null && Files.size(spec.logFile()) > LOG_LIMIT) {
        Path old = spec.logFile().resolveSibling(spec.name() + ".log.1");
        Files.move(spec.logFile(), old, StandardCopyOption.REPLACE_EXISTING);
        current.run("vlog/reopen");
      }
    } catch (IOException | OvsdbException e) {
      LOG.warn("cannot rotate {}: {}", spec.logFile(), e.getMessage());
    }
  }
}
