package cloud.lastmile.ovn.rows;

import cloud.lastmile.network.address.Cidr;
import cloud.lastmile.network.backend.Protocol;
import cloud.lastmile.network.backend.Topology.Rule;
import cloud.lastmile.ovn.OvnException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** A security group rule in OVN's match language. */
final class RuleMatch {
  /** Those whose ports OVN's language has words for, by number. */
  private static final Map<Integer, String> WITH_PORTS = Map.of(6, "tcp", 17, "udp", 132, "sctp");

  private RuleMatch() {}

  /**
   * Whether OVN can match exactly what the rule says. Of ports of a protocol whose ports it does
   * not know it could only let all pass. The API refuses such a rule, and earlier releases did not.
   */
  static boolean canSay(Rule rule) {
    if (rule.portMin().isEmpty() && rule.portMax().isEmpty()) {
      return true;
    }
    return rule.protocol()
        .map(RuleMatch::number)
        .filter(number ->
            number == Protocol.ICMP || number == Protocol.ICMP_V6 || WITH_PORTS.containsKey(number))
        .isPresent();
  }

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
    int number = number(name);
    // ICMP asked for on IPv6 means ICMPv6, as in the reference.
    if (number == Protocol.ICMP_V6 || (number == Protocol.ICMP && v6)) {
      return icmp("icmp6", first, last);
    }
    if (number == Protocol.ICMP) {
      return icmp("icmp4", first, last);
    }
    String word = WITH_PORTS.get(number);
    return word == null ? List.of("ip.proto == " + number) : ports(word, first, last);
  }

  private static int number(String protocol) {
    return Protocol.find(protocol)
        .orElseThrow(() -> new OvnException("there is no protocol " + protocol))
        .number();
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
