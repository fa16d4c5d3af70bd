package cloud.lastmile.ovn;

import cloud.lastmile.platform.core.CommandException;
import cloud.lastmile.platform.core.Commands;
import cloud.lastmile.platform.core.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The kernel's network devices of one namespace, by way of {@code ip}. */
public final class Links {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final Path NAMESPACES = Path.of("/run/netns");
  private static final JsonMapper JSON = JsonMapper.shared();

  private final NetworkNamespace namespace;
  private final Path scratch;

  /**
   * @param scratch a private directory for batch files
   */
  public Links(NetworkNamespace namespace, Path scratch) {
    this.namespace = namespace;
    this.scratch = scratch;
  }

  public NetworkNamespace namespace() {
    return namespace;
  }

  /** Makes the namespace, if it is a named one and missing, with its loopback up. */
  public void createNamespace() throws CommandException {
    if (namespace.name().isEmpty()) {
      return;
    }
    String name = namespace.name().get();
    if (!Files.exists(NAMESPACES.resolve(name))) {
      Commands.run(List.of("ip", "netns", "add", name), TIMEOUT);
    }
    Commands.run(List.of("ip", "-n", name, "link", "set", "lo", "up"), TIMEOUT);
  }

  /** Removes the namespace, if it is a named one, with every device in it. */
  public void deleteNamespace() throws CommandException {
    if (namespace.name().isPresent() && Files.exists(NAMESPACES.resolve(namespace.name().get()))) {
      Commands.run(List.of("ip", "netns", "delete", namespace.name().get()), TIMEOUT);
    }
  }

  /** Runs {@code ip} with these arguments in the namespace. */
  public String ip(String... arguments) throws CommandException {
    return Commands.run(command(List.of(arguments)), TIMEOUT);
  }

  /**
   * Runs several {@code ip} commands as one process; the first that fails ends it.
   *
   * @param lines each without the leading {@code ip}
   */
  public void batch(List<String> lines) throws CommandException {
    try {
      Path file = Files.createTempFile(scratch, "ip-", ".batch");
      try {
        Files.write(file, lines);
        Commands.run(command(List.of("-batch", file.toString())), TIMEOUT);
      } finally {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new OvnException("cannot write to " + scratch, e);
    }
  }

  /** Every device, as {@code ip -json -details link} tells it. */
  public List<JsonNode> list() throws CommandException {
    List<JsonNode> links = new ArrayList<>();
    JSON.readTree(ip("-json", "-details", "link", "show")).forEach(links::add);
    return links;
  }

  /** One device, as {@link #list} tells it. */
  public Optional<JsonNode> find(String device) throws CommandException {
    try {
      return Optional.of(
          JSON.readTree(ip("-json", "-details", "link", "show", "dev", device)).path(0));
    } catch (CommandException e) {
      if (noSuchDevice(e)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Removes a device; no error if it is not there. */
  public void delete(String device) throws CommandException {
    try {
      ip("link", "delete", "dev", device);
    } catch (CommandException e) {
      if (!noSuchDevice(e)) {
        throw e;
      }
    }
  }

  private static boolean noSuchDevice(CommandException e) {
    String message = String.valueOf(e.getMessage());
    return message.contains("Cannot find device") || message.contains("does not exist");
  }

  private List<String> command(List<String> arguments) {
    List<String> command = new ArrayList<>(List.of("ip"));
    namespace.name().ifPresent(name -> command.addAll(List.of("-n", name)));
    command.addAll(arguments);
    return command;
  }
}
