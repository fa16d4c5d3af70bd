package cloud.lastmile.ovn.rows;

import cloud.lastmile.network.address.Cidr;
import cloud.lastmile.network.backend.Protocol;
import cloud.lastmile.network.backend.Topology.Rule;
import cloud.lastmile.ovn.OvnException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** A security group rule in OVN's match language. */
final class RuleMatch {
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
    rule.remotePrefix().ifPresent(prefix -> terms.add(remote + " == " + Cidr.of(prefix)));
    rule.remoteGroup()
        .ifPresent(other ->
            terms.add(remote + " == $" + SecurityGroupRows.name(other) + (v6 ? "_ip6" : "_ip4")));
    rule.protocol()
        .filter(name -> !name.equals("any"))
        .ifPresent(name -> terms.addAll(protocol(name, v6, rule.portMin(), rule.portMax())));
    return String.join(" && ", terms);
  }

  private static List<String> protocol(
      String name, boolean v6, OptionalInt first, OptionalInt last) {
    int number =
        Protocol.find(name)
            .orElseThrow(() -> new OvnException("there is no protocol " + name))
            .number();
    // ICMP asked for on IPv6 means ICMPv6, as in the reference.
    if (number == Protocol.ICMP_V6 || (number == Protocol.ICMP && v6)) {
      return icmp("icmp6", first, last);
    }
    return switch (number) {
      case Protocol.ICMP -> icmp("icmp4", first, last);
      case 6 -> ports("tcp", first, last);
      case 17 -> ports("udp", first, last);
      case 132 -> ports("sctp", first, last);
      default -> List.of("ip.proto == " + number);
    };
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
