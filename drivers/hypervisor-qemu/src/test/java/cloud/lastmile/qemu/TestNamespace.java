package cloud.lastmile.qemu;

import cloud.lastmile.platform.core.CommandException;
import cloud.lastmile.platform.core.Commands;
import cloud.lastmile.platform.core.NetworkNamespace;
import java.util.List;
import java.util.UUID;

/** A network namespace of a test class's own; with it go all the taps in it. */
record TestNamespace(NetworkNamespace namespace) implements AutoCloseable {

  static TestNamespace make() throws CommandException {
    String name = "lmq-" + UUID.randomUUID().toString().substring(0, 8);
    Commands.run(List.of("ip", "netns", "add", name), QemuHostFixture.SHORT);
    return new TestNamespace(NetworkNamespace.named(name));
  }

  @Override
  public void close() throws CommandException {
    Commands.run(
        List.of("ip", "netns", "delete", namespace.name().orElseThrow()), QemuHostFixture.SHORT);
  }
}
