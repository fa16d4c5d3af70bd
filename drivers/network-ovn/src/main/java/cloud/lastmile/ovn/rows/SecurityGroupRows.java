package cloud.lastmile.ovn.rows;

import cloud.lastmile.network.backend.Topology.Rule;
import cloud.lastmile.network.backend.Topology.SecurityGroup;
import cloud.lastmile.ovn.rows.DesiredRow.Parent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * A security group is a port group whose rules allow, and which drops all else at a lower priority.
 * One more port group for the whole cloud only drops: for ports that have port security and no
 * group. (Were all ports in that one too, northd and everyone behind it would work twice on sets
 * that hold the whole cloud.)
 */
public final class SecurityGroupRows {
  private static final String DROP_NAME = "neutron_pg_drop";
  private static final long DROP = 1001;
  private static final long ALLOW = 1002;

  private static final String STATEFUL = "allow-related";
  private static final String STATELESS = "allow-stateless";

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
      if (!RuleMatch.canSay(rule)) {
        continue;
      }
      rows.add(
          acl(
              owner,
              rule.id(),
              group.id(),
              rule.direction().equals("ingress"),
              RuleMatch.of(rule, name(group.id())),
              ALLOW,
              group.stateful() ? STATEFUL : STATELESS));
    }
    rows.addAll(drops(owner, group.id(), name(group.id())));
    return rows;
  }

  /** What every cloud has. */
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
    rows.addAll(drops(Owner.CLOUD, DROP_GROUP, DROP_NAME));
    return rows;
  }

  /** Drop, save that a guest may always ask for its address. */
  private static List<DesiredRow> drops(Owner owner, UUID group, String name) {
    String in = "outport == @" + name;
    String out = "inport == @" + name;
    String dhcp4 = out + " && ip4 && udp.src == 68 && udp.dst == 67";
    String dhcp6 = out + " && ip6 && udp.src == 546 && udp.dst == 547";
    return List.of(
        acl(owner, owner.derive("drop-in"), group, true, in + " && ip", DROP, "drop"),
        acl(owner, owner.derive("drop-out"), group, false, out + " && ip", DROP, "drop"),
        acl(owner, owner.derive("dhcp4"), group, false, dhcp4, ALLOW, "allow"),
        acl(owner, owner.derive("dhcp6"), group, false, dhcp6, ALLOW, "allow"));
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
        action.equals(STATEFUL) || action.equals(STATELESS)
            ? Map.of("neutron:security_group_rule_id", id.toString())
            : Map.of(),
        List.of(new Parent(Tables.PORT_GROUP, "acls", group)));
  }
}
