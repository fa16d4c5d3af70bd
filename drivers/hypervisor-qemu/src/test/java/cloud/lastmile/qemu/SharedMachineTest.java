package cloud.lastmile.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.agent.GuestSpec;
import cloud.lastmile.agent.GuestSpec.DiskImage;
import cloud.lastmile.agent.GuestSpec.PowerState;
import cloud.lastmile.agent.GuestStatus.Power;
import cloud.lastmile.agent.Host;
import cloud.lastmile.agent.HostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/** Several clouds on one machine: their guests are never the same user. */
class SharedMachineTest extends QemuHostTesting {

  private Host second() throws Exception {
    Path directory = Files.createDirectories(scratch.resolve("second"));
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
    QemuConfig config = qemu.config();
    return QemuHost.open(
        new QemuConfig(
            directory,
            "host-2",
            config.namespace(),
            config.users(),
            config.accelerator(),
            false,
            config.powerdownGrace(),
            config.tcgBufferMib(),
            config.imageCache()),
        qemu.taps());
  }

  private int user(Path directory, UUID guest) throws HostException {
    return new GuestFiles(directory.resolve("guests/" + guest), guest)
        .readRecord()
        .orElseThrow()
        .uid();
  }

  @Test
  void guestsOfTwoCloudsAreDifferentUsers() throws Exception {
    Host second = second();
    Map<UUID, Path> made = new HashMap<>();
    List<Callable<Boolean>> work = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      GuestSpec ours = spec().withPower(PowerState.STOPPED);
      GuestSpec theirs = spec().withPower(PowerState.STOPPED);
      made.put(ours.id(), qemu.directory());
      made.put(theirs.id(), scratch.resolve("second"));
      work.add(work(() -> host.ensure(ours)));
      work.add(work(() -> second.ensure(theirs)));
    }
    inParallel(work);

    Set<Integer> users = new HashSet<>();
    for (Map.Entry<UUID, Path> guest : made.entrySet()) {
      users.add(user(guest.getValue(), guest.getKey()));
    }
    assertThat(users).hasSize(10);
    second.close();
  }

  /** As after an upgrade, or when the registry was lost: who comes second gets another. */
  @Test
  void aUserThatIsAnothersByNowIsExchanged() throws Exception {
    GuestSpec spec = spec();
    host.ensure(spec);
    awaitStarts(spec, 1);
    host.ensure(spec.withPower(PowerState.STOPPED));
    int before = user(qemu.directory(), spec.id());
    Path entry = scratch.resolve("users").resolve(Integer.toString(before));
    Files.write(entry, List.of(scratch.resolve("second").toString(), UUID.randomUUID().toString()));

    reopen();

    assertThat(user(qemu.directory(), spec.id())).isNotEqualTo(before);
    host.ensure(spec);
    awaitStarts(spec, 2);
    assertThat(power(spec)).isEqualTo(Power.RUNNING);
    assertThat(Files.readAllLines(entry).getFirst()).endsWith("second");
  }

  /** What a cloud had whose directory is gone is given away again, when nothing else is left. */
  @Test
  void usersOfAVanishedCloudComeBack() throws Exception {
    IdRegistry registry =
        new IdRegistry(scratch.resolve("few"), qemu.config().users().first() + 10, 2);
    Path gone = Files.createDirectories(scratch.resolve("gone"));
    registry.claim(new IdRegistry.Owner(gone, "one"));
    registry.claim(new IdRegistry.Owner(scratch, "two"));
    Files.delete(gone);

    int again = registry.claim(new IdRegistry.Owner(scratch, "three"));

    assertThat(again).isEqualTo(qemu.config().users().first() + 10);
    assertThat(registry.of(scratch)).hasSize(2);
  }

  @Test
  void removedGuestsGiveTheirUserBack() throws Exception {
    DiskImage image = qemu.image();
    for (int i = 0; i < 25; i++) {
      GuestSpec spec = spec(image).withPower(PowerState.STOPPED);
      host.ensure(spec);
      host.remove(spec.id());
    }
    assertThat(qemu.config().users().guests().of(qemu.directory().toRealPath().resolve("guests")))
        .isEmpty();
  }
}
