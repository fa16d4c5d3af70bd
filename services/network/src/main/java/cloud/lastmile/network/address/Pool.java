package cloud.lastmile.network.address;

import java.math.BigInteger;

/** A range of addresses, both ends included. */
public record Pool(Ip start, Ip end) {

  public BigInteger size() {
    return end.value().subtract(start.value()).add(BigInteger.ONE);
  }

  public boolean contains(Ip address) {
    return address.compareTo(start) >= 0 && address.compareTo(end) <= 0;
  }

  public boolean overlaps(Pool other) {
    return start.compareTo(other.end) <= 0 && other.start.compareTo(end) <= 0;
  }

  @Override
  public String toString() {
    return start + "-" + end;
  }
}
