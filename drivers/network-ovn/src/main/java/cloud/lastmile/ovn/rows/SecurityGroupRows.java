package cloud.lastmile.ovn.rows;

import cloud.lastmile.network.backend.Topology.Rule;
import cloud.lastmile.network.backend.Topology.SecurityGroup;
import cloud.lastmile.ovn.rows.DesiredRow.Parent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * A security group is a port group whose rules allow; one port group for the whole cloud drops all
 * else, at a lower priority, for every port that has port security.
 */
public final class SecurityGroupRows {
  private static final String DROP_NAME = "neutron_pg_drop";
  private static final long DROP = 1001;
  private static final long ALLOW = 1002;

  /** The row of the port group that drops. */
  public static final UUID DROP_GROUP = Owner.CLOUD.derive(DROP_NAME);

  private SecurityGroupRows() {}

  public static Owner owner(UUID group) {
    return new Owner(Owner.Kind.SECURITY_GROUP, group);
  }

  /**
   * The group's port group; its automatic address sets are this with {@code _ip4}, {@code _ip6}.
   */
  static String name(UUID group) {
    return "pg_" + group.toString().replace('-', '_');
  }

  public static List<DesiredRow> of(SecurityGroup group) {
    Owner owner = owner(group.id());
    List<DesiredRow> rows = new ArrayList<>();
    rows.add(
        DesiredRow.of(
            owner,
            Tables.PORT_GROUP,
            group.id(),
            Map.of("name", name(group.id())),
            Map.of("neutron:security_group_id", group.id().toString()),
            List.of()));
    for (Rule rule : group.rules()) {
      rows.add(
          acl(
              owner,
              rule.id(),
              group.id(),
              rule.direction().equals("ingress"),
              RuleMatch.of(rule, name(group.id())),
              ALLOW,
              "allow-related"));
    }
    return rows;
  }

  /** What every cloud has: drop, save that a guest may always ask for its address. */
  public static List<DesiredRow> dropGroup() {
    List<DesiredRow> rows = new ArrayList<>();
    rows.add(
        DesiredRow.of(
            Owner.CLOUD,
            Tables.PORT_GROUP,
            DROP_GROUP,
            Map.of("name", DROP_NAME),
            Map.of(),
            List.of()));
    String from = "inport == @" + DROP_NAME;
    rows.add(cloudAcl("drop-in", true, "outport == @" + DROP_NAME + " && ip", DROP, "drop"));
    rows.add(cloudAcl("drop-out", false, from + " && ip", DROP, "drop"));
    rows.add(
        cloudAcl(
            "dhcp4", false, from + " && ip4 && udp.src == 68 && udp.dst == 67", ALLOW, "allow"));
    rows.add(
        cloudAcl(
            "dhcp6", false, from + " && ip6 && udp.src == 546 && udp.dst == 547", ALLOW, "allow"));
    return rows;
  }

  private static DesiredRow cloudAcl(
      String name, boolean ingress, String match, long priority, String action) {
    return acl(Owner.CLOUD, Owner.CLOUD.derive(name), DROP_GROUP, ingress, match, priority, action);
  }

  private static DesiredRow acl(
      Owner owner,
      UUID id,
      UUID group,
      boolean ingress,
      String match,
      long priority,
      String action) {
    return DesiredRow.of(
        owner,
        Tables.ACL,
        id,
        Map.of(
            "direction", ingress ? "to-lport" : "from-lport",
            "match", match,
            "priority", priority,
            "action", action),
        owner.equals(Owner.CLOUD)
            ? Map.of()
            : Map.of("neutron:security_group_rule_id", id.toString()),
        List.of(new Parent(Tables.PORT_GROUP, "acls", group)));
  }
}
