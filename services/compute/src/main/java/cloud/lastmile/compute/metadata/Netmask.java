package cloud.lastmile.compute.metadata;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** The mask of a CIDR: {@code 255.255.255.0}, {@code ffff:ffff:ffff:ffff::}. */
final class Netmask {
  private Netmask() {}

  static String of(String cidr) {
    int slash = cidr.indexOf('/');
    int length = Integer.parseInt(cidr.substring(slash + 1));
    byte[] mask = new byte[cidr.indexOf(':') >= 0 ? 16 : 4];
    for (int bit = 0; bit < length; bit++) {
      mask[bit / 8] |= (byte) (0x80 >> (bit % 8));
    }
    return mask.length == 4 ? address(mask) : compressed(mask, length);
  }

  private static String address(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes).getHostAddress();
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** A mask's zeros are all at its end, so that one {@code ::} stands for them. */
  private static String compressed(byte[] mask, int length) {
    if (length > 112) {
      return address(mask);
    }
    StringBuilder text = new StringBuilder();
    for (int group = 0; group < 8; group++) {
      int value = ((mask[2 * group] & 0xff) << 8) | (mask[2 * group + 1] & 0xff);
      if (value == 0) {
        break;
      }
      if (group > 0) {
        text.append(':');
      }
      text.append(Integer.toHexString(value));
    }
    return text + "::";
  }
}
