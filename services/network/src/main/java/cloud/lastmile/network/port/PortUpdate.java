package cloud.lastmile.network.port;

import cloud.lastmile.network.common.Errors;
import cloud.lastmile.network.engine.EngineKey;
import cloud.lastmile.network.subnetmodel.Subnet;
import cloud.lastmile.network.subnetmodel.SubnetStore;
import cloud.lastmile.network.write.Changes;
import cloud.lastmile.network.write.NetworkWrite;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.resource.Values;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Changes a port within the caller's transaction. */
public final class PortUpdate {
  private final NetworkWrite write;
  private final Handle handle;
  private final Port before;
  private final Values values;
  private final boolean admin;
  private final Changes changes;

  private PortUpdate(NetworkWrite write, Port before, Values values, boolean admin) {
    this.write = write;
    this.handle = write.handle();
    this.before = before;
    this.values = values;
    this.admin = admin;
    this.changes = new Changes("network.port", before.id());
  }

  /**
   * @param admin may use other projects' security groups
   */
  public static ObjectNode run(NetworkWrite write, UUID id, Values values, boolean admin) {
    Port before = PortStore.lock(write.handle(), id);
    return new PortUpdate(write, before, values, admin).run();
  }

  private ObjectNode run() {
    changes.text(values, "name", "name");
    changes.text(values, "description", "description");
    changes.bool(values, "admin_state_up", "admin_state_up");
    changes.text(values, "device_id", "device_id");
    changes.text(values, "device_owner", "device_owner");
    changes.text(values, "binding:host_id", "host_id");
    changes.text(values, "binding:vnic_type", "vnic_type");
    changes.json(values, "binding:profile", "binding_profile");
    changes.text(values, "dns_name", "dns_name");
    changeOwner();
    String mac = changeMac();
    boolean security = changeSecurity(mac);
    changeFixedIps(mac);
    changeGroups(security);
    changeOptions();
    PortStore.update(handle, before, changes);
    if (values.isGiven("extra_dhcp_opts") || values.isGiven("fixed_ips")) {
      PortDhcpOptions.requireFit(handle, before.id());
    }
    ObjectNode row = PortNoun.NOUN.get(handle, before.id());
    write.touch(EngineKey.port(before.id()));
    if (before.service() && Port.isRouterOwner(before.deviceOwner())) {
      Ids.parseUuid(before.deviceId()).ifPresent(router -> write.touch(EngineKey.router(router)));
    }
    write.updated(PortNoun.NOUN, row);
    return row;
  }

  private void changeOwner() {
    boolean changed =
        (values.isGiven("device_owner")
                && !values.text("device_owner").equals(before.deviceOwner()))
            || (values.isGiven("device_id") && !values.text("device_id").equals(before.deviceId()));
    if (before.service() && changed) {
      throw before.inUse();
    }
    if (changed && !admin) {
      PortCreate.requireOwnRouter(
          handle,
          values.isGiven("device_owner") ? values.text("device_owner") : before.deviceOwner(),
          values.isGiven("device_id") ? values.text("device_id") : before.deviceId(),
          before.projectId());
    }
  }

  private String changeMac() {
    String mac = values.optionalText("mac_address").orElse(before.macAddress());
    if (!mac.equals(before.macAddress())) {
      if (!before.hostId().isEmpty()) {
        throw Errors.conflict(
            "PortBound",
            "Unable to complete operation on port %s, port is already bound, port type: ovs, old_mac %s, new_mac %s."
                .formatted(before.id(), before.macAddress(), mac));
      }
      changes.cast("mac_address", "macaddr", mac);
    }
    return mac;
  }

  private boolean changeSecurity(String mac) {
    boolean security =
        values.has("port_security_enabled")
            ? values.bool("port_security_enabled")
            : before.portSecurity();
    changes.bool(values, "port_security_enabled", "port_security_enabled");
    JsonNode pairs =
        values.isGiven("allowed_address_pairs")
            ? values.node("allowed_address_pairs")
            : before.addressPairs();
    if (values.isGiven("allowed_address_pairs") || !security) {
      ArrayNode after = PortCreate.pairs(pairs, mac, security);
      changes.cast("allowed_address_pairs", "jsonb", after.toString());
      PortPairs.touchBesides(write, before.networkId(), before.id(), before.addressPairs());
      PortPairs.touchBesides(write, before.networkId(), before.id(), after);
    }
    return security;
  }

  private void changeFixedIps(String mac) {
    List<Port.FixedIp> fixed = before.fixedIps();
    if (values.isGiven("fixed_ips")) {
      List<Subnet> subnets = SubnetStore.ofNetwork(handle, before.networkId());
      FixedIps addresses =
          new FixedIps(
              handle,
              before.networkId(),
              subnets,
              before.id(),
              mac,
              values.isGiven("device_owner") ? values.text("device_owner") : before.deviceOwner());
      fixed = addresses.asAsked(values.items("fixed_ips"), before.fixedIps());
      List<Port.FixedIp> gone = new ArrayList<>(before.fixedIps());
      gone.removeAll(fixed);
      Addresses.release(handle, before.id(), gone);
      changes.cast("fixed_ips", "jsonb", Port.writeFixedIps(fixed).toString());
    }
    if (values.isGiven("fixed_ips") || values.isGiven("dns_name")) {
      String name = values.isGiven("dns_name") ? values.text("dns_name") : before.dnsName();
      changes.cast("dns_assignment", "jsonb", Port.dnsAssignment(name, fixed).toString());
    }
  }

  private void changeGroups(boolean security) {
    List<UUID> groups =
        values.isGiven("security_groups")
            ? PortCreate.ids(values.texts("security_groups"))
            : before.securityGroups();
    if (!security && !groups.isEmpty()) {
      throw Errors.conflict(
          "PortSecurityPortHasSecurityGroup",
          "Port has security group associated. Cannot disable port security or IP address until"
              + " security group is removed.");
    }
    if (!values.isGiven("security_groups")) {
      return;
    }
    PortCreate.requireUsable(
        handle, groups, admin ? Optional.empty() : Optional.of(before.projectId()));
    PortStore.setGroups(handle, before.id(), groups);
    changes.set("security_groups", groups.toArray(new UUID[0]));
  }

  private void changeOptions() {
    if (values.isGiven("extra_dhcp_opts")) {
      changes.cast(
          "extra_dhcp_opts",
          "jsonb",
          PortDhcpOptions.changed(before.dhcpOptions(), values).toString());
    }
  }
}
