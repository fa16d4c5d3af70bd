package cloud.lastmile.platform.database.embedded;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The files of one embedded server: its data, configuration, socket and log. */
record PostgresCluster(
    Path home, PostgresBinaries binaries, SystemUser user, String superuser, boolean durable) {

  /** A unix socket's address holds 107 bytes, and the file name takes 16 of them. */
  private static final int LONGEST_SOCKET_DIRECTORY = 90;

  private static final Set<PosixFilePermission> PRIVATE =
      PosixFilePermissions.fromString("rwx------");

  Path data() {
    return home.resolve("cluster");
  }

  Path log() {
    return home.resolve("postgres.log");
  }

  private Path socketDirectory() {
    Path inside = home.resolve("run");
    if (inside.toString().length() <= LONGEST_SOCKET_DIRECTORY) {
      return inside;
    }
    String hash = Integer.toHexString(home.toString().hashCode());
    return Path.of(SystemUser.isRoot() ? "/run" : "/tmp", "lastmile-db-" + hash);
  }

  Path socket() {
    return socketDirectory().resolve(".s.PGSQL.5432");
  }

  /** Makes the directories and, once, the cluster in them. */
  void prepare() throws IOException {
    Path parent = home.getParent();
    Files.createDirectories(home);
    if (user.switched() && parent != null) {
      letPass(parent);
      requirePassage(parent);
    }
    for (Path directory : List.of(home, socketDirectory())) {
      Files.createDirectories(directory);
      Files.setPosixFilePermissions(directory, PRIVATE);
      user.own(directory);
    }
    if (!Files.exists(data().resolve("PG_VERSION"))) {
      initialise();
    }
  }

  /** The data directory stays unreadable for others, but the server must get to its part of it. */
  private static void letPass(Path directory) throws IOException {
    Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(directory);
    if (permissions.add(PosixFilePermission.OTHERS_EXECUTE)) {
      Files.setPosixFilePermissions(directory, permissions);
    }
  }

  private void requirePassage(Path directory) throws IOException {
    for (Path above = directory; above != null; above = above.getParent()) {
      if (!Files.getPosixFilePermissions(above).contains(PosixFilePermission.OTHERS_EXECUTE)) {
        throw new IOException(
            "The database's user "
                + user.name()
                + " cannot pass through "
                + above
                + "; choose a data directory elsewhere or allow it with chmod o+x");
      }
    }
  }

  /** In a directory aside that gets its name when it is whole, so a crash leaves no half. */
  private void initialise() throws IOException {
    Path unfinished = home.resolve("cluster.unfinished");
    SystemUser.run(List.of("rm", "-rf", "--", unfinished.toString()));
    List<String> initdb =
        List.of(
            binaries.program("initdb").toString(),
            "--pgdata=" + unfinished,
            "--username=" + superuser,
            "--auth=peer",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--data-checksums",
            "--no-sync");
    SystemUser.run(user.wrap(initdb));
    if (durable) {
      List<String> sync =
          List.of(binaries.program("initdb").toString(), "--sync-only", "--pgdata=" + unfinished);
      SystemUser.run(user.wrap(sync));
    }
    Files.move(unfinished, data(), StandardCopyOption.ATOMIC_MOVE);
  }

  /** Written at every start, so that a new version's settings take effect. */
  void writeConfiguration() throws IOException {
    write("postgresql.conf", settings());
    write("pg_hba.conf", "local all all peer map=lastmile\n");
    StringBuilder identities = new StringBuilder();
    for (String name : new TreeSet<>(List.of("root", System.getProperty("user.name")))) {
      identities.append("lastmile ").append(name).append(" ").append(superuser).append("\n");
    }
    write("pg_ident.conf", identities.toString());
  }

  private void write(String name, String text) throws IOException {
    Path file = data().resolve(name);
    Path unfinished = data().resolve(name + ".unfinished");
    Files.writeString(unfinished, text);
    Files.setPosixFilePermissions(unfinished, PosixFilePermissions.fromString("rw-------"));
    user.own(unfinished);
    Files.move(
        unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private String settings() {
    // Small on purpose: the control plane's rows are few, the machine's memory is for guests. Of
    // the buffers only those that were ever used take memory.
    return """
    # Written by Lastmile at every start. Own settings: ALTER SYSTEM SET ...
    listen_addresses = ''
    port = 5432
    unix_socket_directories = '%s'
    unix_socket_permissions = 0700
    max_connections = 60
    shared_buffers = 96MB
    work_mem = 4MB
    maintenance_work_mem = 32MB
    effective_cache_size = 256MB
    jit = off
    io_method = sync
    max_worker_processes = 2
    max_parallel_workers_per_gather = 0
    max_logical_replication_workers = 0
    wal_level = minimal
    max_wal_senders = 0
    min_wal_size = 32MB
    max_wal_size = 256MB
    wal_buffers = 1MB
    autovacuum_max_workers = 1
    # Plans are kept, and only a table's new statistics end those made while it was small.
    autovacuum_naptime = 5s
    autovacuum_vacuum_cost_limit = 400
    # Pages are in memory: to read one costs little beside looking at the rows in it.
    seq_page_cost = 0.1
    random_page_cost = 0.1
    cpu_tuple_cost = 0.05
    timezone = 'UTC'
    log_timezone = 'UTC'
    lc_messages = 'C'
    log_line_prefix = '%%m [%%p] '
    log_checkpoints = off
    log_min_duration_statement = 1s
    password_encryption = 'scram-sha-256'
    fsync = %s
    full_page_writes = %s
    synchronous_commit = %s
    """
        .formatted(
            socketDirectory(),
            durable ? "on" : "off",
            durable ? "on" : "off",
            durable ? "on" : "off");
  }

  /** In a session of its own: a terminal's Ctrl-C must reach Lastmile, not the database. */
  Process spawn() throws IOException {
    Files.deleteIfExists(log());
    List<String> command = new ArrayList<>(List.of("setsid"));
    command.addAll(
        user.wrap(List.of(binaries.program("postgres").toString(), "-D", data().toString())));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(home.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
    builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
    Process process = builder.start();
    process.getOutputStream().close();
    return process;
  }

  /** The server states in the last line of its pid file how far it is. */
  boolean isReady(long pid) {
    try {
      List<String> lines = Files.readAllLines(data().resolve("postmaster.pid"));
      return lines.size() >= 8
          && lines.getFirst().equals(Long.toString(pid))
          && lines.get(7).strip().equals("ready");
    } catch (IOException e) {
      return false;
    }
  }

  /** The server that an earlier run of ours left running on this data. */
  Optional<ProcessHandle> leftover() throws IOException {
    try (Stream<String> lines = Files.lines(data().resolve("postmaster.pid"))) {
      long pid = lines.findFirst().map(Long::parseLong).orElse(0L);
      Path workingDirectory = Path.of("/proc", Long.toString(pid), "cwd");
      // The number may long belong to someone else; the server always works in its data.
      if (pid > 1
          && Files.exists(workingDirectory)
          && workingDirectory.toRealPath().equals(data().toRealPath())) {
        return ProcessHandle.of(pid);
      }
      return Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  boolean failedOnLeftover() throws IOException {
    String tail = logTail();
    return tail.contains("shared memory block") || tail.contains("lock file");
  }

  String logTail() throws IOException {
    byte[] all = Files.readAllBytes(log());
    int from = Math.max(0, all.length - 2_000);
    return new String(all, from, all.length - from, StandardCharsets.UTF_8);
  }
}
