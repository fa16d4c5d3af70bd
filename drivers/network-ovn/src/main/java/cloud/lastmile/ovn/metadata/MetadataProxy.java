package cloud.lastmile.ovn.metadata;

import cloud.lastmile.ovn.Links;
import cloud.lastmile.ovn.OvnConfig;
import cloud.lastmile.ovn.OvnException;
import cloud.lastmile.ovn.OvsSwitch;
import cloud.lastmile.ovn.daemon.Daemon;
import cloud.lastmile.ovn.daemon.DaemonSpec;
import cloud.lastmile.ovn.daemon.RunningProcess;
import cloud.lastmile.platform.core.CommandException;
import cloud.lastmile.platform.core.NetworkNamespace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Carries guests' requests for metadata from their networks to Lastmile's socket. Not thread-safe:
 * one thread syncs.
 *
 * <p>haproxy runs only while a network needs it, as its own user and confined to a directory that
 * holds nothing but the socket; it outlives Lastmile and is started again when it dies.
 */
public final class MetadataProxy implements AutoCloseable {
  private static final String NAME = "haproxy";

  private final OvnConfig config;
  private final Links inside;
  private final MetadataLinks links;
  private final DaemonSpec spec;
  private final Path configFile;
  private @Nullable Daemon daemon;

  /**
   * @param mark alias for devices in the switch's namespace
   */
  public MetadataProxy(OvnConfig config, Links outside, OvsSwitch ovs, String mark) {
    this.config = config;
    this.inside = new Links(namespace(config), config.directory());
    this.links =
        new MetadataLinks(outside, inside, ovs, config.integrationBridge(), mark + "metadata");
    this.configFile = config.directory().resolve("haproxy.cfg");
    this.spec = spec();
  }

  /** One for each cloud, also where clouds share a namespace for the rest. */
  private static NetworkNamespace namespace(OvnConfig config) {
    byte[] directory = config.directory().toString().getBytes(StandardCharsets.UTF_8);
    return NetworkNamespace.own(
        "lmmd-" + UUID.nameUUIDFromBytes(directory).toString().substring(0, 13));
  }

  private DaemonSpec spec() {
    Path directory = config.directory();
    List<String> command =
        List.of(
            "haproxy",
            "-D",
            "-f",
            configFile.toString(),
            "-p",
            directory.resolve(NAME + ".pid").toString());
    return new DaemonSpec(
        NAME,
        NAME,
        inside.namespace().wrap(command),
        Map.of(),
        directory,
        "haproxy.ctl",
        configFile.toString());
  }

  /**
   * Makes the directory of the metadata service's socket, which only root and haproxy may enter:
   * who can connect to the socket can claim to be any guest.
   */
  public void prepare() {
    Path directory = config.metadataDirectory();
    try {
      Files.createDirectories(directory);
      PosixFileAttributeView view =
          Files.getFileAttributeView(directory, PosixFileAttributeView.class);
      view.setGroup(
          directory
              .getFileSystem()
              .getUserPrincipalLookupService()
              .lookupPrincipalByGroupName(NAME));
      view.setPermissions(PosixFilePermissions.fromString("rwx--x---"));
    } catch (IOException e) {
      throw new OvnException("cannot give " + directory + " to haproxy; is it installed?", e);
    }
  }

  /** Makes exactly these networks reach metadata. */
  public void sync(Collection<Endpoint> wanted) {
    if (wanted.isEmpty() && running().isEmpty() && !Files.exists(configFile)) {
      return;
    }
    Map<String, Endpoint> byDevice =
        wanted.stream().collect(Collectors.toMap(Endpoint::innerDevice, Function.identity()));
    boolean changed = links.sync(byDevice);
    Set<String> missing = links.missing();
    serve(
        wanted.stream().filter(endpoint -> !missing.contains(endpoint.innerDevice())).toList(),
        changed);
    if (!missing.isEmpty()) {
      throw new OvnException("cannot connect " + missing.size() + " networks to metadata");
    }
  }

  private void serve(List<Endpoint> wanted, boolean relinked) {
    if (wanted.isEmpty()) {
      stopProxy();
      return;
    }
    boolean changed = relinked;
    changed |= writeConfig(ProxyConfig.of(controlSocket(), config.metadataDirectory(), wanted));
    if (daemon == null) {
      boolean found = running().isPresent();
      Daemon fresh = new Daemon(spec, () -> {});
      fresh.start();
      daemon = fresh;
      if (!found) {
        return;
      }
    }
    if (changed && daemon != null) {
      daemon.replace(List.of("-sf", "%d"));
    }
  }

  private Optional<ProcessHandle> running() {
    return RunningProcess.find(spec.pidFile(), spec.program(), spec.mark());
  }

  private Path controlSocket() {
    return config.directory().resolve("haproxy.ctl");
  }

  private boolean writeConfig(String text) {
    try {
      if (Files.exists(configFile) && Files.readString(configFile).equals(text)) {
        return false;
      }
      Path fresh = configFile.resolveSibling("haproxy.cfg.new");
      Files.writeString(fresh, text);
      Files.move(
          fresh, configFile, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      return true;
    } catch (IOException e) {
      throw new OvnException("cannot write " + configFile, e);
    }
  }

  private void stopProxy() {
    Daemon current = daemon != null ? daemon : new Daemon(spec, () -> {});
    current.stop(List.of());
    daemon = null;
    try {
      Files.deleteIfExists(configFile);
    } catch (IOException e) {
      throw new OvnException("cannot remove " + configFile, e);
    }
  }

  /** The proxy's process, for status and measurement. */
  public Optional<ProcessHandle> process() {
    return running();
  }

  /** Ends the proxy and removes its namespace. */
  public void stop() {
    stopProxy();
    try {
      inside.deleteNamespace();
    } catch (CommandException e) {
      throw new OvnException("cannot remove the metadata namespace", e);
    }
  }

  /** Stops watching; the proxy keeps running. */
  @Override
  public void close() {
    if (daemon != null) {
      daemon.release();
    }
  }
}
