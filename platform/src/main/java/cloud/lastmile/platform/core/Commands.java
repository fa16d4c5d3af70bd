package cloud.lastmile.platform.core;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Runs external commands: never through a shell, with a bound on time and output, with an empty
 * standard input and with {@code LC_ALL=C}, so that what they say can be relied upon.
 *
 * <p>Arguments can be seen by every user of the machine: pass no secret in them.
 */
public final class Commands {
  private static final int STDOUT_LIMIT = 8 << 20;
  private static final int STDERR_TAIL = 2_000;
  private static final File NOTHING = new File("/dev/null");

  private Commands() {}

  /**
   * Runs a command and returns its standard output as UTF-8.
   *
   * @throws CommandException if it cannot be started, ends with anything but 0, does not end in
   *     {@code timeout} (it and its children are killed) or writes more than 8 MiB
   */
  public static String run(List<String> command, Duration timeout) throws CommandException {
    return run(command, timeout, Map.of());
  }

  /** As {@link #run(List, Duration)}, with variables added to the environment. */
  public static String run(List<String> command, Duration timeout, Map<String, String> environment)
      throws CommandException {
    return run(start(command, environment, NOTHING), command, timeout);
  }

  /** As {@link #run(List, Duration)}, with a file as its standard input. */
  public static String run(List<String> command, Duration timeout, Path input)
      throws CommandException {
    return run(start(command, Map.of(), input.toFile()), command, timeout);
  }

  private static String run(Process process, List<String> command, Duration timeout)
      throws CommandException {
    try (Capture out = Capture.all(process.getInputStream(), STDOUT_LIMIT);
        Capture err = Capture.tail(process.getErrorStream(), STDERR_TAIL)) {
      if (!waitFor(process, timeout)) {
        kill(process);
        throw new CommandException(
            name(command) + " did not end within " + timeout.toSeconds() + " s", err.text());
      }
      int exitCode = process.exitValue();
      if (out.overflowed()) {
        throw new CommandException(name(command) + " wrote too much", err.text());
      }
      if (exitCode != 0) {
        throw new CommandException(
            name(command) + " failed with exit code " + exitCode, exitCode, err.text());
      }
      return out.text();
    }
  }

  /**
   * The command that runs {@code command} as an unprivileged user without any supplementary group,
   * who can gain no privileges. Inside {@link NetworkNamespace#wrap}, which needs root, never
   * around it.
   */
  public static List<String> asUser(int uid, int gid, List<String> command) {
    return asUser(uid, gid, Set.of(), command);
  }

  /** As {@link #asUser(int, int, List)}, with supplementary groups. */
  public static List<String> asUser(int uid, int gid, Set<Integer> groups, List<String> command) {
    String supplementary =
        groups.isEmpty()
            ? "--clear-groups"
            : "--groups="
                + groups.stream().sorted().map(String::valueOf).collect(Collectors.joining(","));
    List<String> wrapped =
        new ArrayList<>(
            List.of(
                "setpriv",
                "--reuid=" + uid,
                "--regid=" + gid,
                supplementary,
                "--no-new-privs",
                "--"));
    wrapped.addAll(command);
    return List.copyOf(wrapped);
  }

  private static Process start(List<String> command, Map<String, String> environment, File input)
      throws CommandException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.redirectInput(input);
    builder.environment().put("LC_ALL", "C");
    builder.environment().putAll(environment);
    try {
      return builder.start();
    } catch (IOException e) {
      throw new CommandException(name(command) + " could not be started", e);
    }
  }

  private static boolean waitFor(Process process, Duration timeout) throws CommandException {
    try {
      return process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      kill(process);
      Thread.currentThread().interrupt();
      throw new CommandException("interrupted while a command ran", e);
    }
  }

  private static void kill(Process process) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  /** Names the program and its first word: {@code qemu-img convert}, {@code ip netns}. */
  private static String name(List<String> command) {
    return String.join(" ", command.subList(0, Math.min(2, command.size())));
  }

  /**
   * Reads a stream to its end on a thread of its own, so that the command never blocks on a full
   * pipe. Keeps either everything up to a limit, or the last part.
   */
  private static final class Capture implements AutoCloseable {
    /** A daemon that the command left behind may hold the pipe open: do not wait for its end. */
    private static final Duration GRACE = Duration.ofSeconds(2);

    private final InputStream stream;
    private final int limit;
    private final boolean keepTail;
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private final Thread reader;
    private boolean overflowed;

    private Capture(InputStream stream, int limit, boolean keepTail) {
      this.stream = stream;
      this.limit = limit;
      this.keepTail = keepTail;
      this.reader = Thread.ofVirtual().start(this::read);
    }

    static Capture all(InputStream stream, int limit) {
      return new Capture(stream, limit, false);
    }

    static Capture tail(InputStream stream, int limit) {
      return new Capture(stream, limit, true);
    }

    private void read() {
      byte[] buffer = new byte[8192];
      try {
        for (int n = stream.read(buffer); n >= 0; n = stream.read(buffer)) {
          keep(buffer, n);
        }
      } catch (IOException closed) {
        // The command was killed, or the grace is over: what was read by then is the output.
      }
    }

    private synchronized void keep(byte[] buffer, int length) {
      if (!keepTail && kept.size() + length > limit) {
        overflowed = true;
        return;
      }
      kept.write(buffer, 0, length);
      if (keepTail && kept.size() > 4 * limit) {
        byte[] all = kept.toByteArray();
        kept.reset();
        kept.write(all, all.length - limit, limit);
      }
    }

    String text() throws CommandException {
      awaitEnd();
      synchronized (this) {
        String text = kept.toString(StandardCharsets.UTF_8);
        return keepTail ? text.substring(Math.max(0, text.length() - limit)).strip() : text;
      }
    }

    boolean overflowed() throws CommandException {
      awaitEnd();
      synchronized (this) {
        return overflowed;
      }
    }

    private void awaitEnd() throws CommandException {
      try {
        boolean ended = reader.join(GRACE);
        if (!ended) {
          close();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CommandException("interrupted while a command ran", e);
      }
    }

    @Override
    public void close() {
      try {
        stream.close();
      } catch (IOException e) {
        // Nothing is lost: the output was read or given up already.
      }
    }
  }
}
