package cloud.lastmile.network;

import cloud.lastmile.network.address.Ip;
import cloud.lastmile.network.resource.Column;
import cloud.lastmile.network.resource.Errors;
import cloud.lastmile.network.resource.Noun;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.policy.PolicyRule;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How a port is shown and listed. */
final class PortNoun {
  private PortNoun() {}

  static final Noun NOUN =
      Noun.of("port", "ports", "network.port r JOIN network.network n ON n.id = r.network_id")
          .columns(
              Column.uuid("id", "r.id"),
              Column.text("name", "r.name"),
              Column.uuid("network_id", "r.network_id"),
              Column.text("mac_address", "text(r.mac_address)"),
              Column.bool("admin_state_up", "r.admin_state_up"),
              Column.text("status", "r.status"),
              Column.text("device_id", "r.device_id"),
              Column.text("device_owner", "r.device_owner"),
              Column.json("fixed_ips", "r.fixed_ips"),
              Column.json("allowed_address_pairs", "r.allowed_address_pairs"),
              Column.json("extra_dhcp_opts", "r.extra_dhcp_opts"),
              Column.json("security_groups", "to_json(r.security_groups)"),
              Column.bool("port_security_enabled", "r.port_security_enabled"),
              Column.text("dns_name", "r.dns_name"),
              Column.json("dns_assignment", "r.dns_assignment"),
              Column.text("binding:vnic_type", "r.vnic_type"),
              Column.text("binding:host_id", "r.host_id").only(PolicyRule.ADMIN_OR_SERVICE),
              Column.json("binding:profile", "r.binding_profile").only(PolicyRule.ADMIN_OR_SERVICE),
              Column.text(
                      "binding:vif_type", "CASE WHEN r.host_id = '' THEN 'unbound' ELSE 'ovs' END")
                  .only(PolicyRule.ADMIN_OR_SERVICE),
              Column.json(
                      "binding:vif_details",
                      "CASE WHEN r.host_id = '' THEN '{}' ELSE '{\"port_filter\": true}' END")
                  .only(PolicyRule.ADMIN_OR_SERVICE),
              Column.bool("_service", "r.service").shownOnly(),
              Column.text("_network:project_id", "n.project_id").shownOnly(),
              Column.bool("_shared", "n.shared").shownOnly())
          .standardColumns()
          .filter("fixed_ips", PortNoun::byFixedIps)
          .filter("security_groups", PortNoun::bySecurityGroups)
          .filter("security_group_ids", PortNoun::bySecurityGroups)
          .visible(
              project -> Condition.of("r.project_id = {} OR n.project_id = {}", project, project))
          .missing(Errors::portNotFound)
          .build();

  /** {@code ip_address=...}, {@code subnet_id=...}: any value of a key, and all keys. */
  private static Condition byFixedIps(List<String> values) {
    Map<String, List<Condition>> byKey = new LinkedHashMap<>();
    for (String value : values) {
      int equals = value.indexOf('=');
      String key = equals < 0 ? "" : value.substring(0, equals);
      String wanted = value.substring(equals + 1);
      Condition one =
          switch (key) {
            case "ip_address" ->
                Ip.parse(wanted)
                    .map(ip -> Condition.of("a.address = CAST({} AS inet)", ip.toString()))
                    .orElse(Condition.NEVER);
            case "ip_address_substr" -> Condition.contains("host(a.address)", wanted);
            case "subnet_id" ->
                Ids.parseUuid(wanted)
                    .map(id -> Condition.of("a.subnet_id = {}", id))
                    .orElse(Condition.NEVER);
            default ->
                throw Errors.badRequest("HTTPBadRequest", "Invalid filter fixed_ips=" + value);
          };
      byKey.computeIfAbsent(key, _ -> new ArrayList<>()).add(one);
    }
    StringBuilder sql = new StringBuilder("TRUE");
    List<Object> bound = new ArrayList<>();
    for (List<Condition> any : byKey.values()) {
      Condition condition = Condition.anyOf(any);
      sql.append(" AND EXISTS (SELECT FROM network.ip_allocation a WHERE a.port_id = r.id AND ")
          .append(condition.sql())
          .append(")");
      bound.addAll(condition.values());
    }
    return new Condition(sql.toString(), bound);
  }

  private static Condition bySecurityGroups(List<String> values) {
    List<Object> ids =
        values.stream()
            .flatMap(value -> Ids.parseUuid(value).stream())
            .<Object>map(id -> id)
            .toList();
    return new Condition(
        "EXISTS (SELECT FROM network.port_security_group m WHERE m.port_id = r.id AND "
            + Condition.in("m.security_group_id", ids).sql()
            + ")",
        Condition.in("m.security_group_id", ids).values());
  }
}
