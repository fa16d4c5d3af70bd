package cloud.lastmile.network.port;

import cloud.lastmile.network.common.Errors;
import cloud.lastmile.network.common.MacAddresses;
import cloud.lastmile.network.engine.EngineKey;
import cloud.lastmile.network.port.PortStore.Surroundings;
import cloud.lastmile.network.securitygroup.SecurityGroupStore;
import cloud.lastmile.network.write.NetworkWrite;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.resource.Values;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Makes a port: address, groups, row; within the caller's transaction. */
public final class PortCreate {
  private static final int MAC_ATTEMPTS = 16;

  private PortCreate() {}

  /**
   * A port that a client wants.
   *
   * @param id chosen beforehand
   * @param admin may use other projects' security groups
   */
  public record Wanted(
      UUID id, String projectId, Values values, Surroundings around, boolean admin) {}

  public static ObjectNode run(NetworkWrite write, Wanted wanted) {
    Handle handle = write.handle();
    Values values = wanted.values();
    Surroundings around = wanted.around();
    String owner = values.text("device_owner");
    if (!wanted.admin()) {
      requireOwnRouter(handle, owner, values.text("device_id"), wanted.projectId());
    }
    boolean security = portSecurity(values, around, owner);
    String mac = values.optionalText("mac_address").orElseGet(MacAddresses::random);
    FixedIps addresses =
        new FixedIps(handle, around.networkId(), around.subnets(), wanted.id(), mac, owner);
    List<Port.FixedIp> fixed =
        values.has("fixed_ips")
            ? addresses.asAsked(values.items("fixed_ips"), List.of())
            : addresses.byDefault();
    List<UUID> groups = groups(write, wanted, security);
    Port port =
        new Port(
            wanted.id(),
            around.networkId(),
            wanted.projectId(),
            values.text("name"),
            mac,
            values.text("device_id"),
            owner,
            values.text("binding:host_id"),
            false,
            security,
            fixed,
            groups,
            pairs(values.node("allowed_address_pairs"), mac, security),
            PortDhcpOptions.initial(values),
            values.text("dns_name"));
    ObjectNode row =
        PortStore.insert(
            handle,
            new PortStore.Row(
                port,
                values.text("description"),
                !values.has("admin_state_up") || values.bool("admin_state_up"),
                values.has("binding:vnic_type") ? values.text("binding:vnic_type") : "normal",
                values.has("binding:profile") ? values.node("binding:profile") : Json.object()));
    if (values.isGiven("extra_dhcp_opts")) {
      PortDhcpOptions.requireFit(handle, wanted.id());
    }
    if (port.deviceId().isEmpty()) {
      write.touchFree(wanted.id());
    } else {
      write.touch(EngineKey.port(wanted.id()));
    }
    PortPairs.touchBesides(write, port.networkId(), wanted.id(), port.addressPairs());
    write.count(wanted.projectId(), "port", 1);
    write.created(PortNoun.NOUN, row);
    return row;
  }

  private static boolean portSecurity(Values values, Surroundings around, String owner) {
    if (Port.isTrustedOwner(owner)) {
      return false;
    }
    return values.has("port_security_enabled")
        ? values.bool("port_security_enabled")
        : around.portSecurity();
  }

  private static List<UUID> groups(NetworkWrite write, Wanted wanted, boolean security) {
    Values values = wanted.values();
    if (Port.isTrustedOwner(values.text("device_owner"))) {
      return List.of();
    }
    if (!values.isGiven("security_groups")) {
      return security
          ? List.of(
              wanted
                  .around()
                  .defaultGroup()
                  .orElseGet(() -> SecurityGroupStore.defaultGroup(write, wanted.projectId())))
          : List.of();
    }
    List<UUID> asked = ids(values.texts("security_groups"));
    if (!asked.isEmpty() && !security) {
      throw Errors.badRequest(
          "PortSecurityAndIPRequiredForSecurityGroups",
          "Port security must be enabled and port must have an IP address in order to use security"
              + " groups.");
    }
    requireUsable(
        write.handle(), asked, wanted.admin() ? Optional.empty() : Optional.of(wanted.projectId()));
    return asked;
  }

  /**
   * Runs a write that makes these ports. A generated MAC address that is taken is no error: the
   * next one will not be.
   */
  public static <T> T withFreshMacs(List<Wanted> wanted, Supplier<T> write) {
    for (int attempt = 1; ; attempt++) {
      try {
        return write.get();
      } catch (PortStore.MacTaken taken) {
        for (Wanted one : wanted) {
          Optional<String> asked = one.values().optionalText("mac_address");
          if (asked.isPresent() || attempt == MAC_ATTEMPTS) {
            throw macInUse(one.around().networkId(), asked.orElse(""), taken);
          }
        }
      }
    }
  }

  static RuntimeException macInUse(Object network, String mac, Throwable cause) {
    RuntimeException inUse =
        Errors.conflict(
            "MacAddressInUse",
            "Unable to complete operation for network %s. The mac address %s is in use."
                .formatted(network, mac));
    inUse.addSuppressed(cause);
    return inUse;
  }

  /** Refuses to name another project's router as what has the port. */
  static void requireOwnRouter(Handle handle, String owner, String device, String project) {
    Optional<UUID> router =
        Port.LEG_OWNERS.contains(owner) ? Ids.parseUuid(device) : Optional.empty();
    if (router
        .flatMap(id -> PortStore.routerProject(handle, id))
        .filter(of -> !of.equals(project))
        .isPresent()) {
      throw notOwned(device);
    }
  }

  /** The refusal of a device that is another project's. */
  public static ApiException notOwned(Object device) {
    return Errors.conflict(
        "DeviceIDNotOwnedByTenant",
        "The following device_id %s is not owned by your project or matches another project router."
            .formatted(device));
  }

  static List<UUID> ids(List<String> texts) {
    return texts.stream().flatMap(text -> Ids.parseUuid(text).stream()).toList();
  }

  /** Refuses groups that are not there, or not the project's. */
  static void requireUsable(Handle handle, List<UUID> groups, Optional<String> project) {
    if (groups.isEmpty()) {
      return;
    }
    Set<UUID> missing = new LinkedHashSet<>(groups);
    SecurityGroupStore.usable(handle, groups, project).forEach(missing::remove);
    if (!missing.isEmpty()) {
      throw Errors.securityGroupNotFound(
          String.join(", ", missing.stream().map(UUID::toString).toList()));
    }
  }

  /** Pairs without a MAC address get the port's. */
  static ArrayNode pairs(JsonNode asked, String mac, boolean security) {
    ArrayNode pairs = Json.array();
    if (asked.isEmpty()) {
      return pairs;
    }
    if (!security) {
      throw Errors.conflict(
          "AddressPairAndPortSecurityRequired",
          "Port Security must be enabled in order to have allowed address pairs on a port.");
    }
    Set<JsonNode> seen = new HashSet<>();
    for (JsonNode pair : asked) {
      ObjectNode full =
          Json.object()
              .put("mac_address", pair.path("mac_address").asString(mac))
              .put("ip_address", pair.path("ip_address").asString());
      if (!seen.add(full)) {
        throw Errors.badRequest(
            "DuplicateAddressPairInRequest",
            "Request contains duplicate address pair: mac_address %s ip_address %s."
                .formatted(
                    full.path("mac_address").asString(), full.path("ip_address").asString()));
      }
      pairs.add(full);
    }
    return pairs;
  }
}
