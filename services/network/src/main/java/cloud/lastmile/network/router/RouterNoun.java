package cloud.lastmile.network.router;

import cloud.lastmile.network.address.AddressConverters;
import cloud.lastmile.network.common.Converters;
import cloud.lastmile.network.common.Errors;
import cloud.lastmile.network.common.Standard;
import cloud.lastmile.network.common.ZoneHints;
import cloud.lastmile.network.engine.EngineKey;
import cloud.lastmile.network.write.NetworkWrite;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.policy.PolicyRule;
import cloud.lastmile.platform.resource.Attribute;
import cloud.lastmile.platform.resource.Column;
import cloud.lastmile.platform.resource.Create;
import cloud.lastmile.platform.resource.Delete;
import cloud.lastmile.platform.resource.Hooks;
import cloud.lastmile.platform.resource.Noun;
import cloud.lastmile.platform.resource.Update;
import cloud.lastmile.platform.resource.Values;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v2.0/routers}. */
public final class RouterNoun implements Hooks<NetworkWrite> {
  private static final String GATEWAY = "external_gateway_info";

  /** Parts of the gateway that only administrators choose. */
  private static final List<String> GUARDED = List.of("enable_snat", "external_fixed_ips");

  public static final Noun NOUN =
      Standard.tagged(
              Standard.noun(
                      "router",
                      "routers",
                      "network.router r LEFT JOIN network.port g ON g.id = r.gateway_port_id")
                  .has(
                      Attribute.of(
                              Column.text("name"), Converters.nullAsEmpty(Converters.text(255)))
                          .absent(""),
                      Attribute.of(Column.bool("admin_state_up"), Converters::bool).absent(true),
                      Attribute.shown(Column.text("status", "'ACTIVE'")),
                      Attribute.of(
                          Column.json(
                              GATEWAY,
                              "CASE WHEN g.id IS NOT NULL THEN json_build_object('network_id',"
                                  + " r.gateway_network_id, 'enable_snat', r.enable_snat,"
                                  + " 'external_fixed_ips', g.fixed_ips) END"),
                          RouterNoun::gateway),
                      Attribute.of(Column.json("routes"), Converters.list(AddressConverters::route))
                          .updateOnly(),
                      Attribute.shown(Column.json("availability_zones", "'[]'")),
                      Attribute.of(Column.json("availability_zone_hints", "'[]'"), ZoneHints::none)
                          .createOnly()))
          .missing(Errors::routerNotFound)
          .build();

  /** Null and the empty object both mean none. */
  private static JsonNode gateway(String name, JsonNode value) {
    if (value.isNull() || (value.isObject() && value.isEmpty())) {
      return NullNode.getInstance();
    }
    AddressConverters.keys(
        name, value, Set.of("network_id"), Set.of("enable_snat", "external_fixed_ips"));
    ObjectNode gateway = Json.object();
    gateway.set("network_id", Converters.uuid(name, value.path("network_id")));
    if (value.has("enable_snat")) {
      gateway.set("enable_snat", Converters.bool(name, value.path("enable_snat")));
    }
    if (value.has("external_fixed_ips")) {
      gateway.set(
          "external_fixed_ips",
          Converters.list(AddressConverters::fixedIp)
              .convert(name, value.path("external_fixed_ips")));
    }
    return gateway;
  }

  /** The rules that no description of an attribute gives. */
  public static List<PolicyRule> rules() {
    List<PolicyRule> rules = new ArrayList<>();
    for (String operation : List.of("create", "update")) {
      GUARDED.forEach(part -> rules.add(gatewayRule(operation, part)));
    }
    return rules;
  }

  private static PolicyRule gatewayRule(String operation, String part) {
    return PolicyRule.admin(operation + "_router:" + GATEWAY + ":" + part);
  }

  private static void enforceGateway(
      ApiRequest request, String operation, Values values, Map<String, String> target) {
    for (String part : GUARDED) {
      if (values.node(GATEWAY).has(part)) {
        request.enforce(gatewayRule(operation, part), target);
      }
    }
  }

  @Override
  public void checkCreate(ApiRequest request, Create create) {
    enforceGateway(request, "create", create.values(), Map.of("project_id", create.projectId()));
  }

  @Override
  public ObjectNode inserted(NetworkWrite write, Create create, ObjectNode row) {
    if (!create.values().has(GATEWAY)) {
      return row;
    }
    Router router = RouterStore.lock(write.handle(), create.id());
    RouterGateway.change(write, router, create.values().node(GATEWAY), create.visibleTo());
    return NOUN.get(write.handle(), create.id());
  }

  @Override
  public void checkUpdate(ApiRequest request, Update update) {
    enforceGateway(request, "update", update.values(), Noun.target(update.before()));
  }

  @Override
  public Values updating(NetworkWrite write, Update update) {
    Values values = update.values();
    Router router = RouterStore.lock(write.handle(), update.id());
    if (values.isGiven(GATEWAY)) {
      RouterGateway.change(write, router, values.node(GATEWAY), update.visibleTo());
    }
    if (values.isGiven("routes")) {
      Router changed = RouterStore.lock(write.handle(), update.id());
      RouterRoutesCheck.check(write.handle(), changed, values.items("routes"));
    }
    return values;
  }

  @Override
  public void deleting(NetworkWrite write, Delete delete) {
    Router router = RouterStore.lock(write.handle(), delete.id());
    if (!router.legs().isEmpty()) {
      throw Errors.conflict("RouterInUse", "Router " + delete.id() + " still has ports");
    }
    RouterGateway.clear(write, router);
  }

  @Override
  public void changed(NetworkWrite write, ObjectNode row) {
    write.touch(EngineKey.router(NOUN.id(row)));
  }
}
