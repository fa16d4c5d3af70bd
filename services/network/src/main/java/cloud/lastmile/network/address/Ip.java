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
    IPAddress address = new IPAddressString(text, STRICT).getAddress();
    return address == null || address.isMultiple()
        ? Optional.empty()
        : Optional.of(new Ip(address.isIPv4() ? 4 : 6, address.getValue()));
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
