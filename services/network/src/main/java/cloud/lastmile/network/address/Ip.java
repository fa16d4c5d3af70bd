package cloud.lastmile.network.address;

import inet.ipaddr.IPAddress;
import inet.ipaddr.IPAddressString;
import inet.ipaddr.IPAddressStringParameters;
import inet.ipaddr.ipv6.IPv6Address;
import java.math.BigInteger;
import java.util.Optional;

/**
 * An IP address. Its text is canonical: RFC 5952 for version 6.
 *
 * @param version 4 or 6
 */
public record Ip(int version, BigInteger value) implements Comparable<Ip> {
  /** Whole addresses only: no short forms of version 4, no zones, no prefixes, no wildcards. */
  private static final IPAddressStringParameters STRICT =
      new IPAddressStringParameters.Builder()
          .allowEmpty(false)
          .allowAll(false)
          .allowSingleSegment(false)
          .allowWildcardedSeparator(false)
          .allowPrefix(false)
          .allowMask(false)
          .allow_inet_aton(false)
          .setRangeOptions(inet.ipaddr.AddressStringParameters.RangeParameters.NO_RANGE)
          .getIPv6AddressParametersBuilder()
          .allowZone(false)
          .getParentBuilder()
          .getIPv4AddressParametersBuilder()
          .allowLeadingZeros(false)
          .getParentBuilder()
          .toParams();

  public static Optional<Ip> parse(String text) {
    if (text.length() > 45) {
      return Optional.empty();
    }
    long plain = dotted(text);
    if (plain >= 0) {
      return Optional.of(new Ip(4, BigInteger.valueOf(plain)));
    }
    IPAddress address = new IPAddressString(text, STRICT).getAddress();
    return address == null || address.isMultiple()
        ? Optional.empty()
        : Optional.of(new Ip(address.isIPv4() ? 4 : 6, address.getValue()));
  }

  /**
   * Four numbers as {@link #toString} writes them, else -1: nearly all are, and the library takes a
   * hundred times as long.
   */
  private static long dotted(String text) {
    long value = 0;
    int number = -1;
    int dots = 0;
    for (int index = 0; index < text.length(); index++) {
      char sign = text.charAt(index);
      if (sign == '.' && number >= 0) {
        value = value << 8 | number;
        number = -1;
        dots++;
      } else if (sign >= '0' && sign <= '9' && number != 0) {
        number = 10 * Math.max(number, 0) + sign - '0';
        if (number > 255) {
          return -1;
        }
      } else {
        return -1;
      }
    }
    return dots == 3 && number >= 0 ? value << 8 | number : -1;
  }

  /** What the database or a validated field holds. */
  public static Ip of(String text) {
    return parse(text).orElseThrow(() -> new IllegalArgumentException(text));
  }

  public int bits() {
    return version == 4 ? 32 : 128;
  }

  public Ip plus(long offset) {
    return plus(BigInteger.valueOf(offset));
  }

  public Ip plus(BigInteger offset) {
    return new Ip(version, value.add(offset));
  }

  @Override
  public int compareTo(Ip other) {
    return version != other.version
        ? Integer.compare(version, other.version)
        : value.compareTo(other.value);
  }

  @Override
  public String toString() {
    if (version == 4) {
      long number = value.longValueExact();
      return (number >> 24)
          + "."
          + (number >> 16 & 255)
          + "."
          + (number >> 8 & 255)
          + "."
          + (number & 255);
    }
    return new IPv6Address(value).toCanonicalString();
  }
}
