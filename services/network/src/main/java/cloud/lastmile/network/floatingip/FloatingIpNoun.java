package cloud.lastmile.network.floatingip;

import cloud.lastmile.network.address.AddressConverters;
import cloud.lastmile.network.address.Ip;
import cloud.lastmile.network.api.NetworkInfo;
import cloud.lastmile.network.common.Converters;
import cloud.lastmile.network.common.Errors;
import cloud.lastmile.network.common.MacAddresses;
import cloud.lastmile.network.common.Standard;
import cloud.lastmile.network.engine.EngineKey;
import cloud.lastmile.network.net.NetworkInfoReader;
import cloud.lastmile.network.port.FixedIps;
import cloud.lastmile.network.port.Port;
import cloud.lastmile.network.port.PortDelete;
import cloud.lastmile.network.port.PortNoun;
import cloud.lastmile.network.port.PortStore;
import cloud.lastmile.network.port.PortStore.Surroundings;
import cloud.lastmile.network.port.ServicePort;
import cloud.lastmile.network.write.NetworkWrite;
import cloud.lastmile.network.write.Writes;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.policy.PolicyRule;
import cloud.lastmile.platform.resource.Attribute;
import cloud.lastmile.platform.resource.Column;
import cloud.lastmile.platform.resource.Column.Kind;
import cloud.lastmile.platform.resource.Create;
import cloud.lastmile.platform.resource.Delete;
import cloud.lastmile.platform.resource.Hooks;
import cloud.lastmile.platform.resource.Noun;
import cloud.lastmile.platform.resource.Stored;
import cloud.lastmile.platform.resource.Update;
import cloud.lastmile.platform.resource.Values;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v2.0/floatingips}. */
public final class FloatingIpNoun implements Hooks<NetworkWrite> {

  public static final Noun NOUN =
      Standard.tagged(
              Standard.noun("floatingip", "floatingips", "network.floating_ip r")
                  .has(
                      Attribute.of(
                              Column.text("floating_ip_address", "host(r.address)"),
                              Converters.orNull(AddressConverters::ip))
                          .stored(Stored.cast("address", "inet"))
                          .createOnly()
                          .only(PolicyRule.ADMIN_OR_PROJECT_MANAGER),
                      Attribute.of(
                              Column.uuid("floating_network_id", "r.network_id"), Converters::uuid)
                          .stored(Stored.in("network_id", Kind.UUID))
                          .createOnly()
                          .mandatory(),
                      Attribute.shown(Column.uuid("router_id").orNull()),
                      Attribute.of(
                              Column.uuid("port_id").orNull(), Converters.orNull(Converters::uuid))
                          .notStored(),
                      Attribute.of(
                          Column.text("fixed_ip_address", "host(r.fixed_address)").orNull(),
                          Converters.orNull(AddressConverters::ip)),
                      Attribute.shown(Column.text("status")),
                      Attribute.shown(
                              Column.uuid("_floating_port", "r.floating_port_id").shownOnly())
                          .stored(Stored.in("floating_port_id", Kind.UUID)),
                      Attribute.said("subnet_id", Converters.orNull(Converters::uuid))
                          .createOnly()))
          .missing(id ->
              Errors.notFound("FloatingIPNotFound", "Floating IP " + id + " could not be found"))
          .build();

  private final Writes writes;

  public FloatingIpNoun(Writes writes) {
    this.writes = writes;
  }

  @Override
  public void checkCreate(ApiRequest request, Create create) {
    requireVisiblePort(request, create.values());
    if (create.values().has("fixed_ip_address") && !create.values().has("port_id")) {
      throw FloatingIpTarget.bad("fixed_ip_address cannot be specified without a port_id");
    }
  }

  @Override
  public void checkUpdate(ApiRequest request, Update update) {
    requireVisiblePort(request, update.values());
  }

  private void requireVisiblePort(ApiRequest request, Values values) {
    values.uuid("port_id").ifPresent(port -> writes.requireVisible(request, PortNoun.NOUN, port));
  }

  @Override
  public Values inserting(NetworkWrite write, Create create) {
    Values values = create.values();
    UUID network = values.uuid("floating_network_id").orElseThrow();
    boolean external =
        NetworkInfoReader.one(write.handle(), network, create.visibleTo())
            .filter(NetworkInfo::external)
            .isPresent();
    if (!external) {
      throw FloatingIpTarget.bad("Network " + network + " is not a valid external network");
    }
    UUID port = UUID.randomUUID();
    Ip address = addPort(write, create, network, port);
    return values
        .with("floating_ip_address", address.toString())
        .with("_floating_port", port.toString());
  }

  /**
   * Makes the port that holds the floating address on the external network. A project gets what the
   * pools of a network not its own give.
   */
  private static Ip addPort(NetworkWrite write, Create create, UUID network, UUID port) {
    Values values = create.values();
    Surroundings around =
        PortStore.surroundings(write.handle(), network, "", Optional.empty())
            .orElseThrow(() -> Errors.networkNotFound(network));
    String mac = MacAddresses.random();
    FixedIps addresses =
        new FixedIps(write.handle(), network, around.subnets(), port, mac, Port.FLOATING_IP);
    ObjectNode asked = Json.object();
    values.optionalText("floating_ip_address").ifPresent(ip -> asked.put("ip_address", ip));
    values.optionalText("subnet_id").ifPresent(subnet -> asked.put("subnet_id", subnet));
    if (create.visibleTo().filter(asking -> !asking.equals(around.networkProject())).isPresent()) {
      values.optionalText("floating_ip_address").ifPresent(ip -> requireGiven(around, Ip.of(ip)));
    }
    List<Port.FixedIp> fixed =
        asked.isEmpty() ? addresses.byDefault() : addresses.asAsked(List.of(asked), List.of());
    Port.FixedIp version4 =
        fixed.stream()
            .filter(one -> one.address().version() == 4)
            .findFirst()
            .orElseThrow(() ->
                Errors.badRequest(
                    "ExternalIpAddressExhausted",
                    "Unable to find any IP address on external network " + network + "."));
    ServicePort.insert(
        write,
        new ServicePort.Wanted(
            port, network, "", mac, Port.FLOATING_IP, create.id().toString(), fixed));
    return version4.address();
  }

  private static void requireGiven(Surroundings around, Ip address) {
    if (around.subnets().stream().noneMatch(subnet -> subnet.gives(address))) {
      throw FloatingIpTarget.bad(
          "IP address "
              + address
              + " is not in the allocation pools of network "
              + around.networkId()
              + ", which is not owned by the project making the request");
    }
  }

  @Override
  public ObjectNode inserted(NetworkWrite write, Create create, ObjectNode row) {
    return associate(write, create.id(), create.values(), create.seesAll())
        ? NOUN.get(write.handle(), create.id())
        : row;
  }

  @Override
  public Values updating(NetworkWrite write, Update update) {
    associate(write, update.id(), update.values(), update.seesAll());
    return update.values();
  }

  /** Whether it has changed where the floating IP leads. */
  private static boolean associate(NetworkWrite write, UUID id, Values values, boolean admin) {
    boolean fixedOnly = values.has("fixed_ip_address") && !values.isGiven("port_id");
    if (!fixedOnly && !values.isGiven("port_id")) {
      return false;
    }
    FloatingIpStore.Row row = FloatingIpStore.lock(write.handle(), id);
    Optional<UUID> port = fixedOnly ? row.port() : values.uuid("port_id");
    if (fixedOnly && port.isEmpty()) {
      throw FloatingIpTarget.bad("fixed_ip_address cannot be specified without a port_id");
    }
    row.port().ifPresent(before -> write.touch(EngineKey.port(before)));
    if (port.isEmpty()) {
      FloatingIpStore.disassociate(write.handle(), id);
      return true;
    }
    Optional<Ip> wanted = values.optionalText("fixed_ip_address").map(Ip::of);
    FloatingIpStore.associate(
        write.handle(), row, FloatingIpTarget.find(write.handle(), row, port.get(), wanted, admin));
    write.touch(EngineKey.port(port.get()));
    return true;
  }

  @Override
  public void deleting(NetworkWrite write, Delete delete) {
    FloatingIpStore.Row row = FloatingIpStore.lock(write.handle(), delete.id());
    row.port().ifPresent(port -> write.touch(EngineKey.port(port)));
  }

  /** Its port can go only when it has gone. */
  @Override
  public void deleted(NetworkWrite write, Delete delete) {
    UUID port = UUID.fromString(delete.before().path("_floating_port").asString());
    PortDelete.run(write, port, "");
  }

  @Override
  public void changed(NetworkWrite write, ObjectNode row) {
    write.touch(EngineKey.floating(NOUN.id(row)));
  }
}
