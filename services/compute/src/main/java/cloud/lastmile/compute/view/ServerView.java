package cloud.lastmile.compute.view;

import cloud.lastmile.compute.common.JsonColumns;
import cloud.lastmile.compute.common.Links;
import cloud.lastmile.compute.flavor.ServerFlavor;
import cloud.lastmile.compute.hardware.Hardware;
import cloud.lastmile.compute.server.Server;
import cloud.lastmile.compute.server.ServerFault;
import cloud.lastmile.compute.server.TaskState;
import cloud.lastmile.compute.server.VmState;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.core.Timestamps;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A server as the API shows it, by microversion and by who looks. */
public final class ServerView {
  private static final Set<String> WITH_FAULT = Set.of("ERROR", "DELETED");
  private static final Set<String> WITH_PROGRESS =
      Set.of("ACTIVE", "BUILD", "REBUILD", "RESIZE", "VERIFY_RESIZE", "MIGRATING");

  private final Function<String, String> hostStatus;

  /**
   * @param hostStatus {@code UP}, {@code DOWN}, {@code MAINTENANCE} or {@code UNKNOWN} by host
   */
  public ServerView(Function<String, String> hostStatus) {
    this.hostStatus = hostStatus;
  }

  public static ObjectNode brief(String baseUrl, Server server) {
    ObjectNode view = Json.object();
    view.put("id", server.id().toString());
    view.put("name", server.name());
    view.set("links", links(baseUrl, server));
    return view;
  }

  public static ArrayNode links(String baseUrl, Server server) {
    String id = server.id().toString();
    ArrayNode links = Json.array();
    links.addObject().put("rel", "self").put("href", Links.self(baseUrl, "servers", id));
    links.addObject().put("rel", "bookmark").put("href", Links.bookmark(baseUrl, "servers", id));
    return links;
  }

  public ObjectNode full(Server server, ViewOptions options) {
    ObjectNode view = Json.object();
    view.put("id", server.id().toString());
    view.put("name", server.name());
    view.put("status", server.status());
    view.put("tenant_id", server.projectId());
    view.put("user_id", server.userId());
    view.set("metadata", JsonColumns.object(server.metadata()));
    view.put("hostId", hostId(server));
    image(view, server, options);
    view.set("flavor", flavor(server, options));
    view.put("created", Timestamps.seconds(server.times().created()));
    view.put("updated", Timestamps.seconds(server.times().updated()));
    view.set(
        "addresses",
        server.state().vm() == VmState.BUILDING
            ? Json.object()
            : ServerAddresses.of(server.ports(), options.isWhole()));
    view.put("accessIPv4", server.accessIpV4());
    view.put("accessIPv6", server.accessIpV6());
    view.set("links", links(options.baseUrl(), server));
    view.put("OS-DCF:diskConfig", server.diskConfig());
    fault(view, server, options);
    if (WITH_PROGRESS.contains(server.status())) {
      view.put("progress", server.state().progress());
    }
    if (options.isWhole()) {
      extensions(view, server, options);
    }
    if (options.kind() == ViewOptions.Kind.REBUILD && options.atLeast("2.54")) {
      view.put("key_name", server.boot().key().map(Server.Key::name).orElse(null));
    }
    versioned(view, server, options);
    return view;
  }

  private static void image(ObjectNode view, Server server, ViewOptions options) {
    if (server.image().isEmpty()) {
      view.put("image", "");
      return;
    }
    String id = server.image().get().id().toString();
    ObjectNode image = view.putObject("image").put("id", id);
    image
        .putArray("links")
        .addObject()
        .put("rel", "bookmark")
        .put("href", Links.bookmark(options.baseUrl(), "images", id));
  }

  private static ObjectNode flavor(Server server, ViewOptions options) {
    ServerFlavor flavor = server.flavor();
    ObjectNode view = Json.object();
    if (!options.atLeast("2.47")) {
      view.put("id", flavor.id());
      view.putArray("links")
          .addObject()
          .put("rel", "bookmark")
          .put("href", Links.bookmark(options.baseUrl(), "flavors", flavor.id()));
      return view;
    }
    view.put("vcpus", flavor.vcpus());
    view.put("ram", flavor.ramMib());
    view.put("disk", flavor.diskGib());
    view.put("ephemeral", flavor.ephemeralGib());
    view.put("swap", flavor.swapMib());
    view.put("original_name", flavor.name());
    if (options.extraSpecs()) {
      view.set("extra_specs", JsonColumns.object(flavor.extraSpecs()));
    }
    return view;
  }

  private static void fault(ObjectNode view, Server server, ViewOptions options) {
    Optional<ServerFault> fault = server.state().fault();
    if (fault.isEmpty() || !WITH_FAULT.contains(server.status())) {
      return;
    }
    ObjectNode node = view.putObject("fault");
    node.put("code", fault.get().code());
    node.put("created", Timestamps.seconds(fault.get().createdAt()));
    node.put("message", fault.get().message());
    if (options.admin() || fault.get().code() != 500) {
      fault.get().details().ifPresent(details -> node.put("details", details));
    }
  }

  private void extensions(ObjectNode view, Server server, ViewOptions options) {
    view.put("OS-EXT-AZ:availability_zone", server.where().zone().orElse(""));
    view.put("config_drive", server.boot().configDrive() ? "True" : "");
    if (options.kind() != ViewOptions.Kind.REBUILD) {
      view.put("key_name", server.boot().key().map(Server.Key::name).orElse(null));
    }
    view.put(
        "OS-SRV-USG:launched_at",
        server.times().launched().map(Timestamps::microsWithoutZone).orElse(null));
    view.put(
        "OS-SRV-USG:terminated_at",
        server.times().terminated().map(Timestamps::microsWithoutZone).orElse(null));
    securityGroups(view, server);
    if (options.extended()) {
      extendedAttributes(view, server, options);
    }
    view.put("OS-EXT-STS:task_state", server.state().task().map(TaskState::text).orElse(null));
    view.put("OS-EXT-STS:vm_state", server.state().vm().text());
    view.put("OS-EXT-STS:power_state", server.state().power().code());
    view.putArray("os-extended-volumes:volumes_attached");
    if (options.hostStatus()) {
      view.put("host_status", server.where().host().map(hostStatus).orElse(""));
    }
  }

  private static void securityGroups(ObjectNode view, Server server) {
    Set<String> names =
        server.ports().stream()
            .flatMap(port -> port.securityGroupNames().stream())
            .collect(Collectors.toCollection(TreeSet::new));
    if (!names.isEmpty()) {
      ArrayNode groups = view.putArray("security_groups");
      names.forEach(name -> groups.addObject().put("name", name));
    }
  }

  private static void extendedAttributes(ObjectNode view, Server server, ViewOptions options) {
    String prefix = "OS-EXT-SRV-ATTR:";
    String host = server.where().host().orElse(null);
    view.put(prefix + "host", host);
    view.put(prefix + "hypervisor_hostname", host);
    view.put(prefix + "instance_name", server.instanceName());
    if (!options.atLeast("2.3")) {
      return;
    }
    view.put(prefix + "hostname", server.hostname());
    view.put(prefix + "kernel_id", imagePart(server, Server.Image.KERNEL));
    view.put(prefix + "ramdisk_id", imagePart(server, Server.Image.RAMDISK));
    view.put(prefix + "launch_index", server.launchIndex());
    view.put(prefix + "reservation_id", server.reservationId());
    view.put(
        prefix + "root_device_name", server.image().map(Hardware::rootDevice).orElse("/dev/vda"));
    if (options.kind() != ViewOptions.Kind.REBUILD) {
      view.put(prefix + "user_data", server.boot().userData().orElse(null));
    }
  }

  private static String imagePart(Server server, String property) {
    return server.image().flatMap(image -> image.part(property)).map(UUID::toString).orElse("");
  }

  private static void versioned(ObjectNode view, Server server, ViewOptions options) {
    if (options.atLeast("2.9")) {
      view.put("locked", server.lock().isPresent());
    }
    if (options.atLeast("2.19")) {
      view.put("description", server.description().orElse(null));
    }
    if (options.atLeast("2.26")) {
      view.set("tags", Json.strings(server.tags()));
    }
    if (options.atLeast("2.63")) {
      view.putNull("trusted_image_certificates");
    }
    if (options.atLeast("2.71") && options.kind() != ViewOptions.Kind.DETAIL) {
      ArrayNode groups = view.putArray("server_groups");
      server.where().group().ifPresent(group -> groups.add(group.toString()));
    }
    if (options.atLeast("2.73")) {
      view.put("locked_reason", server.lock().flatMap(Server.Lock::reason).orElse(null));
    }
    if (options.atLeast("2.90") && !(options.isWhole() && options.extended())) {
      view.put("OS-EXT-SRV-ATTR:hostname", server.hostname());
    }
    if (options.atLeast("2.57") && options.kind() == ViewOptions.Kind.REBUILD) {
      view.put("user_data", server.boot().userData().orElse(null));
    }
  }

  /** As {@link #hostId(String, String)}; empty without a host. */
  static String hostId(Server server) {
    return server.where().host().map(host -> hostId(server.projectId(), host)).orElse("");
  }

  /** The host, made unrecognisable, and different in every project. */
  public static String hostId(String projectId, String host) {
    try {
      byte[] text = (projectId + host).getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-224").digest(text));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
