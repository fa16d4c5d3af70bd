package cloud.lastmile.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import cloud.lastmile.agent.GuestSpec;
import cloud.lastmile.agent.GuestSpec.DiskImage;
import cloud.lastmile.agent.GuestSpec.PowerState;
import cloud.lastmile.agent.GuestStatus.Power;
import cloud.lastmile.agent.HostException;
import cloud.lastmile.platform.core.CommandException;
import cloud.lastmile.platform.core.Commands;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Guests that have taken over their QEMU: a program with the user and groups of a guest's QEMU does
 * what such a one could, beside the real one, while the host works.
 */
class HostileGuestTest extends QemuHostTesting {
  private static final String SECRET = "secret of the host";

  /**
   * Puts links, pipes and directories where the host's files come and go, without end. The names
   * are those that the host uses, or has used.
   */
  private static final String SWAPPER =
      """
      import os, random, shutil, sys
      run, victim, directory = sys.argv[1:4]
      os.chdir(run)
      print("ready", flush=True)
      names = ["disk.new", "snapshot.qcow2", "taken", "firmware.new", "disk.2.qcow2", "x"]
      while True:
          name = random.choice(names + [n for n in os.listdir(".") if n.startswith("config-")])
          new = "swap"
          try:
              act = random.randrange(5)
              if act == 0:
                  os.symlink(victim, new)
              elif act == 1:
                  os.symlink(directory, new)
              elif act == 2:
                  os.mkfifo(new) if name != "snapshot.qcow2" else os.symlink(victim, new)
              elif act == 3:
                  os.mkdir(new)
                  os.symlink(directory, new + "/deep")
              else:
                  os.link(victim, new)
              if os.path.isdir(name) and not os.path.islink(name):
                  shutil.rmtree(name, ignore_errors=True)
              os.rename(new, name)
          except OSError:
              pass
          try:
              os.unlink(new)
          except OSError:
              shutil.rmtree(new, ignore_errors=True)
      """;

  private Path victim() throws IOException {
    Path file = Files.writeString(scratch.resolve("victim"), SECRET);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    Path directory = Files.createDirectories(scratch.resolve("victims"));
    Files.writeString(directory.resolve("file"), SECRET);
    return file;
  }

  private void assertUnharmed(Path victim) throws IOException {
    assertThat(victim).hasContent(SECRET);
    assertThat(Files.getAttribute(victim, "unix:uid")).isEqualTo(0);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(victim)))
        .isEqualTo("rw-------");
    assertThat(scratch.resolve("victims/file")).hasContent(SECRET);
  }

  private GuestFiles files(UUID guest) {
    return new GuestFiles(qemu.guestDirectory(guest), guest);
  }

  private int user(UUID guest) throws HostException {
    return files(guest).readRecord().orElseThrow().uid();
  }

  /** The groups that a guest's QEMU has beside its user's. */
  private Set<Integer> groups(UUID guest) throws IOException {
    long pid = qemu.processes().get(guest).handle().pid();
    return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
        .filter(line -> line.startsWith("Groups:"))
        .flatMap(line -> Stream.of(line.substring("Groups:".length()).strip().split("\\s+", -1)))
        .filter(word -> !word.isEmpty())
        .map(Integer::valueOf)
        .collect(Collectors.toSet());
  }

  private List<String> asQemu(UUID guest, Set<Integer> groups, String... command) throws Exception {
    int user = user(guest);
    return Commands.asUser(user, user, groups, List.of(command));
  }

  /** A program of the guest's user, which has begun when this returns. */
  private Process attack(UUID guest, String program, Path... arguments) throws Exception {
    List<String> words = new ArrayList<>(List.of("/usr/bin/python3", "-c", program));
    Stream.of(arguments).map(Path::toString).forEach(words::add);
    ProcessBuilder builder =
        new ProcessBuilder(asQemu(guest, Set.of(), words.toArray(String[]::new)));
    Process process = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
    assertThat(process.getInputStream().read()).isPositive();
    return process;
  }

  private boolean may(UUID guest, Set<Integer> groups, Path file) throws Exception {
    try {
      Commands.run(
          asQemu(guest, groups, "dd", "if=" + file, "of=/dev/null", "count=1"),
          QemuHostFixture.SHORT);
      return true;
    } catch (CommandException denied) {
      return false;
    }
  }

  @Test
  void plantedLinksAreNotFollowed() throws Exception {
    Path victim = victim();
    GuestSpec spec = spec();
    host.ensure(spec);
    Path run = files(spec.id()).run();
    for (String name : List.of("disk.new", "disk.1.qcow2", "snapshot.qcow2", "firmware.1.fd")) {
      Commands.run(
          asQemu(spec.id(), Set.of(), "ln", "-s", victim.toString(), run.resolve(name).toString()),
          QemuHostFixture.SHORT);
    }

    host.snapshot(spec.id(), scratch.resolve("copy.qcow2"));
    host.ensure(rebuilt(spec, qemu.image()));

    assertUnharmed(victim);
    assertThat(Files.isRegularFile(files(spec.id()).disk(1), LinkOption.NOFOLLOW_LINKS)).isTrue();
    host.remove(spec.id());
    assertUnharmed(victim);
  }

  /** Links come and go while disks are made, copied and removed; what fails, fails that guest. */
  @Test
  void linksSwappedAtAnyMomentAreNotFollowed() throws Exception {
    Path victim = victim();
    GuestSpec spec = spec();
    host.ensure(spec);
    Path run = files(spec.id()).run();
    Process attack =
        attack(spec.id(), SWAPPER, run, victim, scratch.resolve("victims").toAbsolutePath());
    try {
      GuestSpec next = spec;
      for (int i = 0; i < 12; i++) {
        Path copy = scratch.resolve("copy" + i + ".qcow2");
        tried(() -> host.snapshot(spec.id(), copy));
        if (Files.exists(copy, LinkOption.NOFOLLOW_LINKS)) {
          assertOwn(copy);
        }
        GuestSpec rebuilt =
            rebuilt(next, next.rootDisk())
                .withPower(i % 3 == 2 ? PowerState.STOPPED : PowerState.RUNNING);
        tried(() -> host.ensure(rebuilt));
        next = rebuilt;
        assertUnharmed(victim);
      }
    } finally {
      attack.destroyForcibly().waitFor();
    }
    host.remove(spec.id());
    assertUnharmed(victim);
    qemu.assertNoTraceOf(spec.id());
  }

  private static void tried(HostCall call) {
    try {
      call.run();
    } catch (HostException refused) {
      assertThat(refused).hasMessageNotContaining(SECRET);
    }
  }

  private static void assertOwn(Path copy) throws IOException {
    assertThat(Files.isRegularFile(copy, LinkOption.NOFOLLOW_LINKS)).isTrue();
    assertThat(Files.getAttribute(copy, "unix:uid")).isEqualTo(0);
    assertThat(Files.getAttribute(copy, "unix:nlink")).isEqualTo(1);
    assertThat(Files.readString(copy, StandardCharsets.ISO_8859_1)).doesNotContain(SECRET);
  }

  /** Who had the file open while it was made cannot change what was handed over. */
  @Test
  void aSnapshotIsOutOfTheGuestsReach() throws Exception {
    for (PowerState power : List.of(PowerState.RUNNING, PowerState.STOPPED)) {
      GuestSpec spec = spec().withPower(power);
      host.ensure(spec);
      Path go = scratch.resolve("go-" + power);
      Process attack =
          attack(
              spec.id(),
              """
              import glob, os, sys
              run, go = sys.argv[1:3]
              print("ready", flush=True)
              held = {}
              while not os.path.exists(go):
                  for name in ["snapshot.qcow2", "../tmp/snapshot/snapshot.qcow2", "../tmp/taken"]:
                      try:
                          fd = os.open(run + "/" + name, os.O_RDWR | os.O_NOFOLLOW)
                          held.setdefault(os.fstat(fd).st_ino, fd)
                      except OSError:
                          pass
              for fd in held.values():
                  os.pwrite(fd, b"TAMPERED" * 8, 0)
              print(len(held), flush=True)
              """,
              files(spec.id()).run(),
              go);
      try {
        Path copy = scratch.resolve("copy-" + power);
        host.snapshot(spec.id(), copy);
        assertOwn(copy);
        Files.createFile(go);
        attack.waitFor();

        String seen =
            new String(attack.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .replaceAll("[^0-9]", "");
        assertThat(seen).isEqualTo(power == PowerState.RUNNING ? "1" : "0");
        QemuImg.run("check", "-f", "qcow2", copy.toString());
      } finally {
        attack.destroyForcibly().waitFor();
      }
    }
  }

  @Test
  void anotherTenantsFilesAreNotReadable() throws Exception {
    GuestSpec own = spec();
    GuestSpec other = spec();
    host.ensure(own);
    host.ensure(other);
    awaitStarts(other, 1);
    Set<Integer> groups = groups(own.id());
    Path images = qemu.directory().resolve("images");

    assertThat(may(own.id(), groups, images.resolve(own.rootDisk().imageId() + ".raw"))).isTrue();
    assertThat(may(own.id(), groups, files(own.id()).disk(0))).isTrue();
    assertThat(may(own.id(), groups, images.resolve(other.rootDisk().imageId() + ".raw")))
        .isFalse();
    try (Stream<Path> all = Files.walk(qemu.guestDirectory(other.id()))) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        assertThat(may(own.id(), groups, file)).as(file.toString()).isFalse();
      }
    }
  }

  /** Nor what the host keeps of the guest itself beside its disks. */
  @Test
  void whatRootReliesOnIsRoots() throws Exception {
    GuestSpec spec = spec();
    host.ensure(spec);
    awaitStarts(spec, 1);
    GuestFiles files = files(spec.id());

    for (Path file : List.of(files.spec(), files.state(), files.console(), files.qemuLog())) {
      assertThat(file).exists();
      assertThat(may(spec.id(), Set.of(), file)).as(file.toString()).isFalse();
    }
  }

  /** A control socket that leads to another guest's is not talked to. */
  @Test
  void oneGuestCannotLeadTheHostToAnother() throws Exception {
    GuestSpec evil = spec();
    GuestSpec other = spec();
    host.ensure(evil);
    host.ensure(other);
    awaitStarts(other, 1);
    Path socket = files(evil.id()).socket();
    Commands.run(
        asQemu(evil.id(), Set.of(), "ln", "-sf", files(other.id()).socket() + "", socket + ""),
        QemuHostFixture.SHORT);

    reopen();
    host.ensure(evil.withPower(PowerState.STOPPED));
    host.remove(evil.id());

    assertThat(power(other)).isEqualTo(Power.RUNNING);
    assertThat(qemu.processes()).containsOnlyKeys(other.id());
    assertThat(starts(other)).isEqualTo(1);
  }

  /** A QEMU whose guest has written over its arguments is not taken for another's. */
  @Test
  void aProcessCannotPassForAnotherGuests() throws Exception {
    GuestSpec evil = spec();
    GuestSpec other = spec();
    host.ensure(evil);
    host.ensure(other);
    long real = qemu.processes().get(other.id()).handle().pid();
    Path lie = ShortPath.of(qemu.directory().toRealPath()).resolve("guests/" + other.id());
    Process attack =
        new ProcessBuilder(
                asQemu(
                    evil.id(),
                    Set.of(),
                    "/usr/bin/python3",
                    "-c",
                    "import time; print(1, flush=True); time.sleep(600)",
                    "-pidfile",
                    lie + "/run/pid"))
            .start();
    try {
      assertThat(attack.getInputStream().read()).isPositive();

      assertThat(qemu.processes().get(other.id()).handle().pid()).isEqualTo(real);
      host.remove(other.id());

      assertThat(attack.isAlive()).isTrue();
      host.remove(evil.id());
      assertThat(attack.waitFor()).as("it ends with its guest").isNotZero();
    } finally {
      attack.destroyForcibly().waitFor();
    }
  }

  /** Neither a directory of great depth nor one of many files costs the host more than a while. */
  @Test
  void anUnusualDirectoryIsRemoved() throws Exception {
    GuestSpec spec = spec();
    host.ensure(spec);
    Process attack =
        attack(
            spec.id(),
            """
            import os, sys
            os.chdir(sys.argv[1])
            for i in range(20000):
                open("disk.%d.x" % i, "w").close()
            for i in range(5000):
                os.mkdir("disk.deep")
                os.chdir("disk.deep")
            print("ready", flush=True)
            """,
            files(spec.id()).run());
    attack.waitFor();

    host.ensure(rebuilt(spec, spec.rootDisk()));
    assertThat(power(spec)).isEqualTo(Power.RUNNING);
    assertThat(qemu.inRun(spec.id(), "disk.")).containsExactly(files(spec.id()).disk(1));
    host.remove(spec.id());
    qemu.assertNoTraceOf(spec.id());
  }

  /** What QEMU says on standard error may be longer than all of Lastmile's memory. */
  @Test
  void onlyTheEndOfALongLogIsRead() throws Exception {
    GuestSpec spec = spec();
    host.ensure(spec);
    GuestFiles files = files(spec.id());
    try (RandomAccessFile log = new RandomAccessFile(files.qemuLog().toFile(), "rw")) {
      log.setLength(64L << 30);
      log.seek(log.length());
      log.write("\nits last words\n".getBytes(StandardCharsets.UTF_8));
    }

    qemu.crash(spec.id());

    awaitChange(spec, Power.CRASHED);
    assertThat(host.status(spec.id()).orElseThrow().reason()).asString().contains("its last words");
  }

  /** A guest whose files are broken, or not a guest's at all, stops no other and not the start. */
  @Test
  void oneBrokenGuestDoesNotStopTheOthers() throws Exception {
    GuestSpec broken = spec().withPower(PowerState.STOPPED);
    GuestSpec other = spec();
    host.ensure(broken);
    host.ensure(other);
    Files.writeString(files(broken.id()).spec(), "{");
    Files.createDirectories(qemu.directory().resolve("guests/lost+found"));

    reopen();

    assertThat(power(other)).isEqualTo(Power.RUNNING);
    assertThat(host.status(broken.id())).isEmpty();
    assertThat(files(broken.id()).disk(0)).exists();
    host.sweep();
  }

  /** A guest whose control socket takes calls and answers none does not hold up the start. */
  @Test
  void aSilentGuestDoesNotStopTheStart() throws Exception {
    GuestSpec silent = spec();
    GuestSpec other = spec();
    host.ensure(silent);
    host.ensure(other);
    Process attack =
        attack(
            silent.id(),
            """
            import os, socket, sys, time
            os.unlink(sys.argv[1])
            s = socket.socket(socket.AF_UNIX)
            os.chdir(os.path.dirname(sys.argv[1]))
            s.bind("qmp.sock")
            s.listen(0)
            print("ready", flush=True)
            held = []
            while True:
                c = socket.socket(socket.AF_UNIX)
                c.settimeout(0.1)
                try:
                    c.connect("qmp.sock")
                    held.append(c)
                except OSError:
                    break
            time.sleep(600)
            """,
            files(silent.id()).socket());
    try {
      reopen();

      assertThat(power(other)).isEqualTo(Power.RUNNING);
      host.ensure(other.withPower(PowerState.STOPPED));
      host.remove(silent.id());
      qemu.assertNoTraceOf(silent.id());
    } finally {
      attack.destroyForcibly().waitFor();
    }
  }

  @Test
  void aUserIsNobodyElsesWhileSomethingOfItRuns() throws Exception {
    IdRegistry registry =
        new IdRegistry(scratch.resolve("few"), qemu.config().users().first() + 10, 2);
    IdRegistry.Owner owner = new IdRegistry.Owner(scratch, "one");
    int first = registry.claim(owner);
    Process left =
        new ProcessBuilder(Commands.asUser(first, first, List.of("sleep", "600"))).start();
    try {
      await(
          "it has changed its user",
          () ->
              Files.readString(Path.of("/proc/" + left.pid() + "/status"))
                  .contains("Uid:\t" + first));
      registry.release(first, owner);

      int second = registry.claim(owner);
      assertThat(second).isNotEqualTo(first);
      assertThatExceptionOfType(HostException.class)
          .isThrownBy(() -> registry.claim(new IdRegistry.Owner(scratch, "two")))
          .withMessageContaining("are taken");
    } finally {
      left.destroyForcibly().waitFor();
    }
    assertThat(registry.claim(new IdRegistry.Owner(scratch, "two"))).isEqualTo(first);
  }

  @Test
  void imagesOfTheSameGuestShareNoGroup() throws Exception {
    DiskImage one = qemu.image();
    DiskImage two = qemu.image();
    host.ensure(spec(one).withPower(PowerState.STOPPED));
    host.ensure(spec(two).withPower(PowerState.STOPPED));
    host.ensure(spec(one).withPower(PowerState.STOPPED));
    Path images = qemu.directory().resolve("images");
    Object first = Files.getAttribute(images.resolve(one.imageId() + ".raw"), "unix:gid");

    assertThat(Files.getAttribute(images.resolve(two.imageId() + ".raw"), "unix:gid"))
        .isNotEqualTo(first);
  }
}
