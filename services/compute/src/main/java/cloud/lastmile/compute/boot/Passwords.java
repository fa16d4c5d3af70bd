package cloud.lastmile.compute.boot;

import java.security.SecureRandom;

/** Made-up passwords for administrators of guests. */
public final class Passwords {
  /** Without characters that look alike. */
  private static final String ALPHABET =
      "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

  private static final int LENGTH = 12;

  private Passwords() {}

  public static String random() {
    SecureRandom random = new SecureRandom();
    StringBuilder password = new StringBuilder(LENGTH);
    for (int i = 0; i < LENGTH; i++) {
      password.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
    }
    return password.toString();
  }
}
