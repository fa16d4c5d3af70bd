package cloud.lastmile.identity.password;

import cloud.lastmile.platform.core.ApiException;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/**
 * Hashes and verifies passwords, few at a time: a storm of logins makes logins wait, bounds their
 * memory, and leaves the processors to everything else.
 */
public final class PasswordHasher {
  private static final int SALT_LENGTH = 16;
  private static final int LONGEST_WAIT_SECONDS = 30;

  private final PasswordCost cost;
  private final Semaphore places;
  private final SecureRandom random = new SecureRandom();
  private final String decoy;
  private final LongAdder checked = new LongAdder();

  /**
   * @param concurrent hashes at a time
   */
  public PasswordHasher(PasswordCost cost, int concurrent) {
    this.cost = cost;
    this.places = new Semaphore(concurrent, true);
    this.decoy = Argon2.hash("".toCharArray(), salt(), cost);
  }

  /** The text to store for a password. */
  public String hash(String password) {
    return bounded(() -> Argon2.hash(password.toCharArray(), salt(), cost));
  }

  /**
   * Whether the password is the stored one. Without a stored one the answer is no, after the same
   * time as for a wrong password.
   */
  public boolean matches(String password, Optional<String> stored) {
    checked.increment();
    boolean equal = bounded(() -> Argon2.matches(password.toCharArray(), stored.orElse(decoy)));
    return equal && stored.isPresent();
  }

  /** How many passwords were checked, whether there was one stored or not. */
  public long checked() {
    return checked.sum();
  }

  private byte[] salt() {
    byte[] salt = new byte[SALT_LENGTH];
    random.nextBytes(salt);
    return salt;
  }

  private <T> T bounded(Supplier<T> work) {
    try {
      if (!places.tryAcquire(LONGEST_WAIT_SECONDS, TimeUnit.SECONDS)) {
        throw ApiException.unavailable("Too many logins at once; try again.", null);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw ApiException.unavailable("Interrupted while waiting to check a password.", interrupted);
    }
    try {
      return work.get();
    } finally {
      places.release();
    }
  }
}
