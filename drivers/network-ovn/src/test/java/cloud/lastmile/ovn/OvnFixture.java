package cloud.lastmile.ovn;

import cloud.lastmile.platform.core.CommandException;
import cloud.lastmile.platform.core.Commands;
import cloud.lastmile.platform.core.NetworkNamespace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A whole OVN with a network namespace of its own and the physical network {@code public}, whose
 * bridge has the address 172.24.4.1/24. Closing it leaves no process, device, namespace or file.
 */
public final class OvnFixture implements AutoCloseable {
  private final Path data;
  private final OvnConfig config;
  private OvnNetwork network;

  public OvnFixture() {
    try {
      // With what configuration files could read as the end of a path.
      data = Files.createTempDirectory("lm o v n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String name = "lmt" + UUID.randomUUID().toString().substring(0, 8);
    config =
        OvnConfig.singleHost(
            data,
            NetworkNamespace.own(name),
            List.of(
                new PhysicalNetwork(
                    "public", "br-ex", List.of("172.24.4.1/24"), Optional.empty())));
    try {
      network = OvnNetwork.start(config);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  public OvnConfig config() {
    return config;
  }

  public OvnNetwork network() {
    return network;
  }

  /** As a restart of Lastmile does: lets go of all and finds it again. */
  public void restartLastmile() {
    network.close();
    network = OvnNetwork.start(config);
  }

  /** Runs a command in the cloud's namespace, where floating IPs can be reached. */
  public String run(String... command) throws CommandException {
    return Commands.run(config.namespace().wrap(List.of(command)), Duration.ofSeconds(60));
  }

  /** Runs one of Open vSwitch's or OVN's tools on this cloud's databases. */
  public String tool(String... command) throws CommandException {
    List<String> full = new ArrayList<>(List.of(command));
    Path directory = config.directory();
    String database =
        switch (command[0]) {
          case "ovn-nbctl" -> "nb";
          case "ovn-sbctl" -> "sb";
          default -> "conf";
        };
    full.add(1, "--db=unix:" + directory.resolve(database + ".sock"));
    return Commands.run(full, Duration.ofSeconds(60));
  }

  @Override
  public void close() {
    if (network == null) {
      // The start failed half way: end what it left by finding it again.
      OvnNetwork.stopAll(config);
    } else {
      network.stop();
    }
    try (Stream<Path> files = Files.walk(data)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
