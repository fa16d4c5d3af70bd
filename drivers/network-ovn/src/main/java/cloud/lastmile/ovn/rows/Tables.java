package cloud.lastmile.ovn.rows;

import java.util.List;
import java.util.Map;

/** The part of OVN's northbound schema that Lastmile uses. */
public final class Tables {
  public static final String SWITCH = "Logical_Switch";
  public static final String SWITCH_PORT = "Logical_Switch_Port";
  public static final String ROUTER = "Logical_Router";
  public static final String ROUTER_PORT = "Logical_Router_Port";
  public static final String ROUTE = "Logical_Router_Static_Route";
  public static final String NAT = "NAT";
  public static final String DHCP = "DHCP_Options";
  public static final String PORT_GROUP = "Port_Group";
  public static final String ACL = "ACL";
  public static final String GATEWAY_CHASSIS = "Gateway_Chassis";
  public static final String GLOBAL = "NB_Global";

  /** Which columns are read, by table. */
  public static final Map<String, List<String>> MONITORED =
      Map.ofEntries(
          Map.entry(GLOBAL, List.of("options")),
          Map.entry(SWITCH, List.of("name", "ports", "other_config", "external_ids")),
          Map.entry(
              SWITCH_PORT,
              List.of(
                  "name",
                  "type",
                  "options",
                  "tag",
                  "addresses",
                  "port_security",
                  "up",
                  "enabled",
                  "dhcpv4_options",
                  "dhcpv6_options",
                  "external_ids")),
          Map.entry(
              ROUTER,
              List.of(
                  "name", "ports", "static_routes", "nat", "enabled", "options", "external_ids")),
          Map.entry(
              ROUTER_PORT,
              List.of(
                  "name",
                  "mac",
                  "networks",
                  "options",
                  "gateway_chassis",
                  "ipv6_ra_configs",
                  "external_ids")),
          Map.entry(ROUTE, List.of("ip_prefix", "nexthop", "external_ids")),
          Map.entry(
              NAT,
              List.of(
                  "type",
                  "external_ip",
                  "external_mac",
                  "logical_ip",
                  "logical_port",
                  "external_ids")),
          Map.entry(DHCP, List.of("cidr", "options", "external_ids")),
          Map.entry(PORT_GROUP, List.of("name", "ports", "acls", "external_ids")),
          Map.entry(
              ACL, List.of("priority", "direction", "match", "action", "log", "external_ids")),
          Map.entry(GATEWAY_CHASSIS, List.of("name", "chassis_name", "priority", "external_ids")));

  /** Which columns hold references to children, and the children's table, by parent's table. */
  public static final Map<String, Map<String, String>> CHILDREN =
      Map.of(
          SWITCH, Map.of("ports", SWITCH_PORT),
          ROUTER, Map.of("ports", ROUTER_PORT, "static_routes", ROUTE, "nat", NAT),
          ROUTER_PORT, Map.of("gateway_chassis", GATEWAY_CHASSIS),
          PORT_GROUP, Map.of("ports", SWITCH_PORT, "acls", ACL));

  /**
   * What northd would write into a new row as soon as it sees it, by table: a transaction less, and
   * a change less that everybody hears of.
   */
  public static final Map<String, Map<String, Object>> INITIAL =
      Map.of(SWITCH_PORT, Map.of("up", false));

  private Tables() {}
}
