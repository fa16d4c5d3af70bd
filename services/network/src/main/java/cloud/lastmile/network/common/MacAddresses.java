package cloud.lastmile.network.common;

import java.util.concurrent.ThreadLocalRandom;

/** MAC addresses with the reference's prefix. */
public final class MacAddresses {
  private MacAddresses() {}

  public static String random() {
    int low = ThreadLocalRandom.current().nextInt(1 << 24);
    return "fa:16:3e:%02x:%02x:%02x".formatted(low >> 16, low >> 8 & 255, low & 255);
  }
}
