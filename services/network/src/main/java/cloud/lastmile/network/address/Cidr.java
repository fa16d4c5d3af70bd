package cloud.lastmile.network.address;

import java.math.BigInteger;
import java.util.Optional;

/** A prefix: its first address, and its length. */
public record Cidr(Ip first, int length) {

  /** Reads {@code address/length}; bits behind the prefix are cleared. */
  public static Optional<Cidr> parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0) {
      return Optional.empty();
    }
    String length = text.substring(slash + 1);
    if (!length.matches("\\d{1,3}")) {
      return Optional.empty();
    }
    int bits = Integer.parseInt(length);
    return Ip.parse(text.substring(0, slash))
        .filter(ip -> bits <= ip.bits())
        .map(ip -> containing(ip, bits));
  }

  /** What the database or a validated field holds. */
  public static Cidr of(String text) {
    return parse(text).orElseThrow(() -> new IllegalArgumentException(text));
  }

  /** The prefix of this length that the address is in. */
  public static Cidr containing(Ip address, int length) {
    int host = address.bits() - length;
    BigInteger network = address.value().shiftRight(host).shiftLeft(host);
    return new Cidr(new Ip(address.version(), network), length);
  }

  public int version() {
    return first.version();
  }

  public BigInteger size() {
    return BigInteger.ONE.shiftLeft(first.bits() - length);
  }

  public Ip last() {
    return first.plus(size().subtract(BigInteger.ONE));
  }

  public boolean contains(Ip address) {
    return address.version() == version()
        && address.compareTo(first) >= 0
        && address.compareTo(last()) <= 0;
  }

  public boolean contains(Cidr other) {
    return other.length >= length && contains(other.first);
  }

  public boolean overlaps(Cidr other) {
    return contains(other.first) || other.contains(first);
  }

  /** The lowest address that a host may have; version 4 keeps the first for the network. */
  public Ip firstHost() {
    return version() == 4 && length >= 31 ? first : first.plus(1);
  }

  /** The highest address that a host may have; version 4 keeps the last for broadcast. */
  public Ip lastHost() {
    return version() == 6 || length >= 31 ? last() : last().plus(-1);
  }

  /** The address that a host with this MAC address gives itself by SLAAC (RFC 4291, EUI-64). */
  public Ip slaac(String mac) {
    String digits = mac.replace(":", "");
    long bits = Long.parseUnsignedLong(digits, 16);
    long high = (bits >> 24) ^ 0x020000L;
    BigInteger identifier =
        BigInteger.valueOf(high)
            .shiftLeft(40)
            .or(BigInteger.valueOf(0xfffeL << 24))
            .or(BigInteger.valueOf(bits & 0xffffffL));
    return first.plus(identifier);
  }

  @Override
  public String toString() {
    return first + "/" + length;
  }
}
