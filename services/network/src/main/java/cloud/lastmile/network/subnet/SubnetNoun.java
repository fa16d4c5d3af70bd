package cloud.lastmile.network.subnet;

import cloud.lastmile.network.address.AddressConverters;
import cloud.lastmile.network.address.Cidr;
import cloud.lastmile.network.address.Ip;
import cloud.lastmile.network.address.Pool;
import cloud.lastmile.network.address.Pools;
import cloud.lastmile.network.common.Converters;
import cloud.lastmile.network.common.Errors;
import cloud.lastmile.network.common.Standard;
import cloud.lastmile.network.engine.EngineKey;
import cloud.lastmile.network.net.NetworkMtu;
import cloud.lastmile.network.net.NetworkNoun;
import cloud.lastmile.network.net.NetworkStore;
import cloud.lastmile.network.port.MetadataPort;
import cloud.lastmile.network.port.PortDhcpOptions;
import cloud.lastmile.network.subnetmodel.Subnet;
import cloud.lastmile.network.subnetmodel.SubnetStore;
import cloud.lastmile.network.write.NetworkWrite;
import cloud.lastmile.network.write.Writes;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.policy.PolicyRule;
import cloud.lastmile.platform.resource.Attribute;
import cloud.lastmile.platform.resource.Column;
import cloud.lastmile.platform.resource.Create;
import cloud.lastmile.platform.resource.Delete;
import cloud.lastmile.platform.resource.Hooks;
import cloud.lastmile.platform.resource.Noun;
import cloud.lastmile.platform.resource.Stored;
import cloud.lastmile.platform.resource.Update;
import cloud.lastmile.platform.resource.Values;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v2.0/subnets}. */
public final class SubnetNoun implements Hooks<NetworkWrite> {
  private static final List<String> MODES = List.of("slaac", "dhcpv6-stateful", "dhcpv6-stateless");

  /** What DHCP tells of a subnet. */
  private static final List<String> TOLD = List.of("host_routes", "dns_nameservers", "gateway_ip");

  private static final String OWNER =
      PolicyRule.ADMIN + " or (role:member and project_id:%(network:project_id)s)";

  public static final Noun NOUN =
      Standard.tagged(
              Standard.noun(
                      "subnet",
                      "subnets",
                      "network.subnet r JOIN network.network n ON n.id = r.network_id",
                      new Noun.Rules(
                          new PolicyRule(
                              "get_subnet",
                              PolicyRule.ADMIN_OR_PROJECT_READER
                                  + " or (role:reader and project_id:%(network:project_id)s) or "
                                  + Standard.SHARED
                                  + " or "
                                  + Standard.EXTERNAL),
                          new PolicyRule("create_subnet", OWNER),
                          new PolicyRule(
                              "update_subnet", PolicyRule.ADMIN_OR_PROJECT_MEMBER + " or " + OWNER),
                          new PolicyRule(
                              "delete_subnet",
                              PolicyRule.ADMIN_OR_PROJECT_MEMBER + " or " + OWNER)))
                  .has(
                      Attribute.of(Column.text("name"), Converters.text(255)).absent(""),
                      Attribute.of(Column.integer("ip_version"), Converters.integer(4, 6))
                          .createOnly()
                          .mandatory(),
                      Attribute.of(Column.uuid("network_id"), Converters::uuid)
                          .createOnly()
                          .mandatory(),
                      Attribute.of(
                              Column.uuid("subnetpool_id").orNull(),
                              Converters.orNull(Converters::uuid))
                          .createOnly(),
                      Attribute.of(Column.bool("enable_dhcp"), Converters::bool).absent(true),
                      mode("ipv6_ra_mode"),
                      mode("ipv6_address_mode"),
                      Attribute.of(
                              Column.text("gateway_ip", "host(r.gateway)").orNull(),
                              Converters.orNull(AddressConverters::ip))
                          .stored(Stored.cast("gateway", "inet")),
                      Attribute.of(
                              Column.text("cidr", "text(r.cidr)"),
                              Converters.orNull(AddressConverters::subnet))
                          .stored(Stored.cast("cidr", "cidr"))
                          .createOnly(),
                      Attribute.of(
                          Column.json("allocation_pools"),
                          Converters.list(AddressConverters::pool)),
                      Attribute.of(
                              Column.json("host_routes"), Converters.list(AddressConverters::route))
                          .absent(Json.array()),
                      Attribute.of(
                              Column.json("dns_nameservers", "to_json(r.dns_nameservers)"),
                              Converters.list(AddressConverters::ip))
                          .stored(Stored.array("dns_nameservers", "text"))
                          .absent(Json.array()),
                      Attribute.shown(Column.json("service_types", "'[]'")),
                      Attribute.shown(
                          Column.text("_network:project_id", "n.project_id").shownOnly()),
                      Attribute.shown(Column.bool("_shared", "n.shared").shownOnly()),
                      Attribute.shown(Column.bool("_router:external", "n.external").shownOnly()),
                      Attribute.said("use_default_subnetpool", Converters::bool)
                          .absent(false)
                          .createOnly(),
                      Attribute.said("prefixlen", Converters.orNull(Converters.integer(0, 128)))
                          .createOnly()))
          // Subnets of a network to the outside are its owner's, unless the network is shared.
          .visible(project ->
              Condition.of("r.project_id = {} OR n.project_id = {} OR n.shared", project, project))
          .missing(Errors::subnetNotFound)
          .violating(
              "subnet_overlap",
              values ->
                  Errors.invalidInput(
                      "Requested subnet with cidr: %s for network: %s overlaps with another subnet"
                          .formatted(values.text("cidr"), values.text("network_id"))))
          .violating("subnet_network", values -> Errors.networkNotFound(values.text("network_id")))
          .build();

  private static Attribute mode(String name) {
    return Attribute.of(Column.text(name).orNull(), Converters.orNull(Converters.oneOf(MODES)))
        .createOnly();
  }

  private final Writes writes;

  public SubnetNoun(Writes writes) {
    this.writes = writes;
  }

  @Override
  public Map<String, String> target(ApiRequest request, Create create) {
    UUID network = create.values().uuid("network_id").orElseThrow();
    ObjectNode row =
        writes
            .read(handle -> NetworkNoun.NOUN.find(handle, request, network))
            .orElseThrow(() -> Errors.networkNotFound(network));
    return Map.of("network:project_id", row.path("project_id").asString());
  }

  @Override
  public Values inserting(NetworkWrite write, Create create) {
    Values values = create.values();
    UUID network = values.uuid("network_id").orElseThrow();
    NetworkStore.lock(write.handle(), network);
    SubnetPrefix.Choice choice =
        SubnetPrefix.choose(write.handle(), create.projectId(), values, create.seesAll());
    SubnetCheck.Plan plan = SubnetCheck.plan(values, choice.cidr());
    NetworkMtu.checkSubnet(write.handle(), network, plan.cidr().version());
    return plan.into(choice.into(values));
  }

  @Override
  public ObjectNode inserted(NetworkWrite write, Create create, ObjectNode row) {
    Subnet subnet = SubnetStore.find(write.handle(), create.id()).orElseThrow();
    MetadataPort.attach(write, subnet.networkId(), subnet);
    return row;
  }

  @Override
  public Values updating(NetworkWrite write, Update update) {
    NetworkStore.lock(write.handle(), network(update.before()));
    check(write, SubnetStore.lock(write.handle(), update.id()), update.values());
    return update.values();
  }

  private static UUID network(ObjectNode row) {
    return UUID.fromString(row.path("network_id").asString());
  }

  @Override
  public ObjectNode updated(NetworkWrite write, Update update, ObjectNode row) {
    if (TOLD.stream().anyMatch(update.values()::isGiven)) {
      PortDhcpOptions.requireFitOn(write.handle(), update.id());
    }
    changeDhcp(write, update);
    PortDhcpOptions.touchSubnet(write, update.id());
    NetworkStore.routersOn(write.handle(), network(row))
        .forEach(router -> write.touch(EngineKey.router(router)));
    return row;
  }

  private static void changeDhcp(NetworkWrite write, Update update) {
    if (!update.values().isGiven("enable_dhcp")) {
      return;
    }
    Subnet now = SubnetStore.find(write.handle(), update.id()).orElseThrow();
    if (now.dhcp()) {
      MetadataPort.attach(write, now.networkId(), now);
    } else {
      MetadataPort.detach(write, now.networkId(), now);
    }
  }

  private static void check(NetworkWrite write, Subnet subnet, Values values) {
    Cidr cidr = subnet.cidr();
    SubnetCheck.checkServers(values, cidr.version());
    boolean modes = subnet.addressMode().isPresent() || subnet.raMode().isPresent();
    if (modes && values.isGiven("enable_dhcp") && !values.bool("enable_dhcp")) {
      throw Errors.invalidInput("Cannot disable enable_dhcp with ipv6 attributes set");
    }
    Optional<Ip> gateway =
        values.isGiven("gateway_ip")
            ? values.optionalText("gateway_ip").map(Ip::of)
            : subnet.gateway();
    if (values.isGiven("gateway_ip")) {
      gateway.ifPresent(ip -> SubnetCheck.checkGateway(ip, cidr));
      checkGatewayFree(write, subnet, gateway);
    }
    List<Pool> pools =
        values.isGiven("allocation_pools")
            ? Pools.read(values.node("allocation_pools"))
            : subnet.pools();
    if (values.isGiven("allocation_pools")) {
      Pools.check(pools, cidr);
    }
    if (values.isGiven("allocation_pools") || values.isGiven("gateway_ip")) {
      Pools.checkGateway(pools, gateway);
    }
  }

  /** A router that is the gateway now must go first. */
  private static void checkGatewayFree(NetworkWrite write, Subnet subnet, Optional<Ip> wanted) {
    if (subnet.gateway().isEmpty() || subnet.gateway().equals(wanted)) {
      return;
    }
    SubnetStore.routerPortAt(write.handle(), subnet.id(), subnet.gateway().get())
        .ifPresent(port -> {
          throw Errors.conflict(
              "GatewayIpInUse",
              "Current gateway ip %s already in use by port %s. Unable to update."
                  .formatted(subnet.gateway().get(), port));
        });
  }

  @Override
  public void deleting(NetworkWrite write, Delete delete) {
    UUID id = delete.id();
    Subnet subnet = SubnetStore.lock(write.handle(), id);
    if (SubnetStore.isBusy(write.handle(), subnet)) {
      throw Errors.subnetInUse(id, "One or more ports have an IP allocation from this subnet");
    }
    SubnetStore.free(write.handle(), id).forEach(port -> write.touch(EngineKey.port(port)));
  }

  @Override
  public void changed(NetworkWrite write, ObjectNode row) {
    write.touch(EngineKey.subnet(NOUN.id(row)));
  }
}
