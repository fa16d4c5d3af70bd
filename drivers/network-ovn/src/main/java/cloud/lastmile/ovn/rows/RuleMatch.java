package cloud.lastmile.ovn.rows;

import cloud.lastmile.network.backend.Topology.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;

/** A security group rule in OVN's match language. */
final class RuleMatch {
  /** The protocols that the API knows by name, besides those that OVN has words for. */
  private static final Map<String, Integer> NUMBERS =
      Map.ofEntries(
          Map.entry("icmp", 1),
          Map.entry("igmp", 2),
          Map.entry("ipip", 4),
          Map.entry("tcp", 6),
          Map.entry("egp", 8),
          Map.entry("udp", 17),
          Map.entry("dccp", 33),
          Map.entry("ipv6-encap", 41),
          Map.entry("ipv6-route", 43),
          Map.entry("ipv6-frag", 44),
          Map.entry("rsvp", 46),
          Map.entry("gre", 47),
          Map.entry("esp", 50),
          Map.entry("ah", 51),
          Map.entry("icmpv6", 58),
          Map.entry("ipv6-icmp", 58),
          Map.entry("ipv6-nonxt", 59),
          Map.entry("ipv6-opts", 60),
          Map.entry("ospf", 89),
          Map.entry("pgm", 113),
          Map.entry("vrrp", 112),
          Map.entry("sctp", 132),
          Map.entry("udplite", 136));

  private RuleMatch() {}

  /**
   * @param group the port group of the rule's security group
   */
  static String of(Rule rule, String group) {
    boolean ingress = rule.direction().equals("ingress");
    boolean v6 = rule.etherType().equalsIgnoreCase("IPv6");
    String family = v6 ? "ip6" : "ip4";
    String remote = family + (ingress ? ".src" : ".dst");
    List<String> terms = new ArrayList<>();
    terms.add((ingress ? "outport" : "inport") + " == @" + group);
    terms.add(family);
    rule.remotePrefix().ifPresent(prefix -> terms.add(remote + " == " + prefix));
    rule.remoteGroup()
        .ifPresent(other ->
            terms.add(remote + " == $" + SecurityGroupRows.name(other) + (v6 ? "_ip6" : "_ip4")));
    rule.protocol()
        .filter(name -> !name.equals("any") && !name.equals("0"))
        .ifPresent(name -> terms.addAll(protocol(name, v6, rule.portMin(), rule.portMax())));
    return String.join(" && ", terms);
  }

  private static List<String> protocol(
      String name, boolean v6, OptionalInt first, OptionalInt last) {
    int number = number(name);
    // ICMP asked for on IPv6 means ICMPv6, as in the reference.
    if (number == 58 || (number == 1 && v6)) {
      return icmp("icmp6", first, last);
    }
    return switch (number) {
      case 1 -> icmp("icmp4", first, last);
      case 6 -> ports("tcp", first, last);
      case 17 -> ports("udp", first, last);
      case 132 -> ports("sctp", first, last);
      default -> List.of("ip.proto == " + number);
    };
  }

  private static int number(String name) {
    Integer known = NUMBERS.get(name.toLowerCase(Locale.ROOT));
    return known != null ? known : Integer.parseInt(name);
  }

  private static List<String> icmp(String word, OptionalInt type, OptionalInt code) {
    List<String> terms = new ArrayList<>(List.of(word));
    if (type.isPresent()) {
      terms.add(word + ".type == " + type.getAsInt());
      if (code.isPresent()) {
        terms.add(word + ".code == " + code.getAsInt());
      }
    }
    return terms;
  }

  private static List<String> ports(String word, OptionalInt first, OptionalInt last) {
    List<String> terms = new ArrayList<>(List.of(word));
    if (first.isPresent() && first.equals(last)) {
      terms.add(word + ".dst == " + first.getAsInt());
      return terms;
    }
    first.ifPresent(port -> terms.add(word + ".dst >= " + port));
    last.ifPresent(port -> terms.add(word + ".dst <= " + port));
    return terms;
  }
}
