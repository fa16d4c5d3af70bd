package cloud.lastmile.network.net;

import cloud.lastmile.network.api.NetworkConfig;
import cloud.lastmile.network.common.Converters;
import cloud.lastmile.network.common.Errors;
import cloud.lastmile.network.common.Standard;
import cloud.lastmile.network.common.ZoneHints;
import cloud.lastmile.network.engine.EngineKey;
import cloud.lastmile.network.port.PortDhcpOptions;
import cloud.lastmile.network.write.NetworkWrite;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.policy.PolicyRule;
import cloud.lastmile.platform.resource.Attribute;
import cloud.lastmile.platform.resource.Column;
import cloud.lastmile.platform.resource.Column.Kind;
import cloud.lastmile.platform.resource.Converter;
import cloud.lastmile.platform.resource.Create;
import cloud.lastmile.platform.resource.Delete;
import cloud.lastmile.platform.resource.Hooks;
import cloud.lastmile.platform.resource.Noun;
import cloud.lastmile.platform.resource.Stored;
import cloud.lastmile.platform.resource.Update;
import cloud.lastmile.platform.resource.Values;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.IntNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v2.0/networks}. */
public final class NetworkNoun implements Hooks<NetworkWrite> {
  public static final Noun NOUN =
      Standard.tagged(
              Standard.noun(
                      "network",
                      "networks",
                      "network.network r",
                      new Noun.Rules(
                          new PolicyRule(
                              "get_network",
                              PolicyRule.ADMIN_OR_PROJECT_READER
                                  + " or "
                                  + Standard.SHARED
                                  + " or "
                                  + Standard.EXTERNAL),
                          PolicyRule.member("create_network"),
                          PolicyRule.member("update_network"),
                          PolicyRule.member("delete_network")))
                  .has(
                      Attribute.of(Column.text("name"), Converters.text(255)).absent(""),
                      Attribute.of(Column.bool("admin_state_up"), Converters::bool).absent(true),
                      Attribute.of(Column.integer("mtu"), Converters.integer(0, 65535))
                          .absent(IntNode.valueOf(0)),
                      Attribute.shown(Column.text("status", "'ACTIVE'")),
                      Attribute.shown(
                          Column.json(
                              "subnets",
                              "(SELECT coalesce(json_agg(s.id ORDER BY s.created_at, s.id), '[]')"
                                  + " FROM network.subnet s WHERE s.network_id = r.id)")),
                      forAdministrators(Column.bool("shared")),
                      Attribute.of(Column.json("availability_zone_hints", "'[]'"), ZoneHints::none)
                          .createOnly(),
                      Attribute.shown(Column.json("availability_zones", "'[]'")),
                      Attribute.shown(
                          Column.text("ipv4_address_scope", "NULL").orNull().shownOnly()),
                      Attribute.shown(
                          Column.text("ipv6_address_scope", "NULL").orNull().shownOnly()),
                      forAdministrators(Column.bool("router:external", "r.external"))
                          .stored(Stored.in("external", Kind.BOOLEAN)),
                      forAdministrators(Column.bool("is_default")),
                      Attribute.of(Column.bool("port_security_enabled"), Converters::bool)
                          .absent(true),
                      Attribute.of(
                              Column.text("dns_domain"),
                              Converters.nullAsEmpty(Converters.text(255)))
                          .absent(""),
                      provider(
                          Column.text("provider:network_type", "r.network_type"),
                          Converters.text(32)),
                      provider(
                          Column.text("provider:physical_network", "r.physical_network").orNull(),
                          Converters.text(64)),
                      provider(
                          Column.integer("provider:segmentation_id", "r.segmentation_id").orNull(),
                          Converters.integer(0, 16_777_215))))
          .visible(project -> Condition.of("r.project_id = {} OR r.shared OR r.external", project))
          .missing(Errors::networkNotFound)
          .violating("network_segment", Segment::inUse)
          .violating(
              "network_default",
              _ ->
                  Errors.conflict(
                      "DefaultExternalNetworkExists", "A default external network already exists."))
          .build();

  private static Attribute forAdministrators(Column column) {
    return Attribute.of(column, Converters::bool).absent(false).only(PolicyRule.ADMIN);
  }

  private static Attribute provider(Column column, Converter converter) {
    return Attribute.of(column.only(PolicyRule.ADMIN), Converters.orNull(converter))
        .stored(Stored.in(column.sql().substring("r.".length()), column.kind()))
        .only(PolicyRule.ADMIN)
        .createOnly();
  }

  private final NetworkConfig config;

  public NetworkNoun(NetworkConfig config) {
    this.config = config;
  }

  @Override
  public Values inserting(NetworkWrite write, Create create) {
    Values values = create.values();
    Segment segment = Segment.of(values, config);
    int mtu = NetworkMtu.initial(values.integer("mtu"), config.mtu(segment.type()));
    return segment.numbered(write.handle()).into(values.with("mtu", mtu));
  }

  @Override
  public Values updating(NetworkWrite write, Update update) {
    Handle handle = write.handle();
    Values values = update.values();
    NetworkStore.lock(handle, update.id());
    checkSharing(handle, update.id(), values);
    if (values.isGiven("mtu")) {
      int most = config.mtu(update.before().path("provider:network_type").asString());
      NetworkMtu.checkUpdate(handle, update.id(), values.integer("mtu"), most);
      touchOthers(write, update.id());
    }
    return values;
  }

  /** DHCP tells guests of the MTU, and routers tell senders. */
  private static void touchOthers(NetworkWrite write, UUID network) {
    NetworkStore.subnets(write.handle(), network)
        .forEach(subnet -> PortDhcpOptions.touchSubnet(write, subnet));
    NetworkStore.routersOn(write.handle(), network)
        .forEach(router -> write.touch(EngineKey.router(router)));
  }

  private static void checkSharing(Handle handle, UUID id, Values values) {
    boolean withdrawn = values.isGiven("shared") && !values.bool("shared");
    if (withdrawn && NetworkStore.usedByOthers(handle, id)) {
      throw Errors.conflict(
          "InvalidSharedSetting",
          "Unable to reconfigure sharing settings for network "
              + id
              + ". Multiple projects are using it.");
    }
  }

  @Override
  public void deleting(NetworkWrite write, Delete delete) {
    UUID id = delete.id();
    NetworkStore.lock(write.handle(), id);
    List<UUID> busy = NetworkStore.busyPorts(write.handle(), id);
    if (!busy.isEmpty()) {
      throw inUse(id, busy);
    }
    NetworkStore.clear(write, id);
  }

  private static ApiException inUse(UUID id, List<UUID> ports) {
    return Errors.networkInUse(
        id,
        "There are one or more ports still in use on the network, id for these ports is: "
            + String.join(",", ports.stream().map(UUID::toString).toList()));
  }

  @Override
  public void changed(NetworkWrite write, ObjectNode row) {
    write.touch(EngineKey.network(NOUN.id(row)));
  }
}
