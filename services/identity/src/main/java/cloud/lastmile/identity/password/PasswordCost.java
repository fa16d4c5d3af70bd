package cloud.lastmile.identity.password;

/**
 * How dear one guess is.
 *
 * @param memoryKib memory that one hash fills, in KiB
 * @param iterations passes over it
 */
public record PasswordCost(int memoryKib, int iterations) {

  /** The least that OWASP's password storage cheat sheet recommends for Argon2id: 19 MiB, 2. */
  public static final PasswordCost RECOMMENDED = new PasswordCost(19_456, 2);

  public PasswordCost {
    if (memoryKib < 8 || iterations < 1) {
      throw new IllegalArgumentException("password cost: at least 8 KiB and one iteration");
    }
  }
}
