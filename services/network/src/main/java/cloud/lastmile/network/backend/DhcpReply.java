package cloud.lastmile.network.backend;

import cloud.lastmile.network.address.Cidr;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * How long what a guest is told by DHCP may be. Clients drop an answer that is longer than they can
 * take, and with it the lease; an option whose length does not fit its one byte makes all after it
 * unreadable.
 */
public final class DhcpReply {
  /**
   * A client need take no more than 312 bytes of options (RFC 2131, 2); cookie, message type, end
   * and the padding before it take 12, the mask of the network that is always told 6.
   */
  private static final int MOST = 312 - 12 - 6;

  /** What fits into the smallest packet of version 6 beside what the answer must have. */
  private static final int MOST_6 = 800;

  private static final int LONGEST = 255;

  private DhcpReply() {}

  /** Whether an answer with all of these options reaches every client and is read by it. */
  public static boolean fits(int ipVersion, Collection<DhcpOption> options) {
    int all = 0;
    for (DhcpOption option : options) {
      int bytes = bytes(option);
      if (ipVersion == 4 && bytes > LONGEST) {
        return false;
      }
      all += (ipVersion == 4 ? 2 : 4) + bytes;
    }
    return all <= (ipVersion == 4 ? MOST : MOST_6);
  }

  /** A subnet's options with a port's own instead of them, or, of routes, beside them. */
  public static List<DhcpOption> told(List<DhcpOption> subnet, List<DhcpOption> own) {
    Map<String, DhcpOption> all = new LinkedHashMap<>();
    subnet.forEach(option -> all.put(option.code(), option));
    for (DhcpOption option : own) {
      all.merge(
          option.code(),
          option,
          (before, after) ->
              after.kind() == DhcpOption.Kind.ROUTES && !after.values().isEmpty()
                  ? new DhcpOption(
                      after.ipVersion(),
                      after.code(),
                      after.kind(),
                      Stream.concat(before.values().stream(), after.values().stream()).toList())
                  : after);
    }
    return all.values().stream().filter(option -> !option.values().isEmpty()).toList();
  }

  /** At most so many; without the option's code and length. */
  private static int bytes(DhcpOption option) {
    int address = option.ipVersion() == 4 ? 4 : 16;
    return switch (option.kind()) {
      case ADDRESSES, ADDRESS, ADDRESS_PAIRS, NETMASK -> address * option.values().size();
      case ROUTES -> option.values().stream().mapToInt(DhcpReply::route).sum();
      case TEXT -> option.values().stream().mapToInt(String::length).sum();
      // A name has a byte more before its first label, and one after its last.
      case DOMAINS ->
          option.values().stream()
              .flatMapToInt(text -> Arrays.stream(text.split(",", -1)).mapToInt(String::length))
              .map(length -> length + 2)
              .sum();
      case BOOL, BYTE -> 1;
      case SHORT, MTU -> 2;
      case INTEGER, SECONDS -> 4;
      case MAC -> 6;
    };
  }

  private static int route(String route) {
    int prefix = Cidr.of(route.substring(0, route.indexOf(','))).length();
    return 1 + (prefix + 7) / 8 + 4;
  }
}
