package cloud.lastmile.network.backend;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * An IP protocol as security group rules name it. The API accepts exactly what is found here, and
 * an engine reads what the API accepted by the same table: what the one takes the other
 * understands.
 *
 * @param number the IANA number
 * @param names what rules may call it, besides its number; none for most numbers
 * @param range what a rule's two numbers mean
 */
public record Protocol(int number, List<String> names, Range range, boolean version6Only) {

  /** What {@code port_range_min} and {@code port_range_max} are. */
  public enum Range {
    /** The protocol has neither; a rule must not give them. */
    NONE,
    /** First and last port. */
    PORTS,
    /** The protocol has ports that no engine can match: a rule is for all of them or not at all. */
    ALL_PORTS,
    /** ICMP type and code. */
    ICMP
  }

  public static final int ICMP = 1;
  public static final int ICMP_V6 = 58;
  private static final int HIGHEST = 255;

  private static final List<Protocol> NAMED =
      List.of(
          of(0, "hopopt", "ip"),
          new Protocol(ICMP, List.of("icmp"), Range.ICMP, false),
          of(2, "igmp"),
          of(4, "ipip"),
          withPorts(6, "tcp"),
          of(8, "egp"),
          withPorts(17, "udp"),
          new Protocol(33, List.of("dccp"), Range.ALL_PORTS, false),
          version6(41, "ipv6-encap"),
          version6(43, "ipv6-route"),
          version6(44, "ipv6-frag"),
          of(46, "rsvp"),
          of(47, "gre"),
          of(50, "esp"),
          of(51, "ah"),
          new Protocol(ICMP_V6, List.of("ipv6-icmp", "icmpv6"), Range.ICMP, true),
          version6(59, "ipv6-nonxt"),
          version6(60, "ipv6-opts"),
          of(89, "ospf"),
          of(112, "vrrp"),
          of(113, "pgm"),
          withPorts(132, "sctp"),
          new Protocol(136, List.of("udplite"), Range.ALL_PORTS, false));

  private static final Map<String, Protocol> BY_NAME =
      NAMED.stream()
          .flatMap(protocol -> protocol.names().stream().map(name -> Map.entry(name, protocol)))
          .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));

  private static final Map<Integer, Protocol> BY_NUMBER =
      NAMED.stream().collect(Collectors.toUnmodifiableMap(Protocol::number, named -> named));

  public Protocol {
    names = List.copyOf(names);
  }

  private static Protocol of(int number, String... names) {
    return new Protocol(number, List.of(names), Range.NONE, false);
  }

  private static Protocol withPorts(int number, String name) {
    return new Protocol(number, List.of(name), Range.PORTS, false);
  }

  private static Protocol version6(int number, String name) {
    return new Protocol(number, List.of(name), Range.NONE, true);
  }

  /** Reads a name in any case, or a number from 0 to 255. */
  public static Optional<Protocol> find(String text) {
    Protocol named = BY_NAME.get(text.toLowerCase(Locale.ROOT));
    if (named != null) {
      return Optional.of(named);
    }
    if (!text.matches("[0-9]{1,3}") || Integer.parseInt(text) > HIGHEST) {
      return Optional.empty();
    }
    int number = Integer.parseInt(text);
    return Optional.of(BY_NUMBER.getOrDefault(number, of(number)));
  }

  /** All names, sorted. */
  public static List<String> allNames() {
    List<String> names = new ArrayList<>(BY_NAME.keySet());
    names.sort(null);
    return names;
  }
}
