package cloud.lastmile.identity.password;

import java.security.SecureRandom;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/**
 * Hashes and verifies passwords, few at a time: a storm of logins makes logins wait, bounds their
 * memory, and leaves the processors to everything else.
 */
public final class PasswordHasher {
  private static final int SALT_LENGTH = 16;

  private final PasswordCost cost;
  private final HashingThreads threads;
  private final SecureRandom random = new SecureRandom();
  private final String decoy;
  private final LongAdder checked = new LongAdder();

  /**
   * @param concurrent hashes at a time
   */
  public PasswordHasher(PasswordCost cost, int concurrent) {
    this.cost = cost;
    this.threads = new HashingThreads(concurrent, cost.memoryKib());
    this.decoy = Argon2.unmatched(salt(), cost);
  }

  /** The text to store for a password. */
  public String hash(String password) {
    return threads.run(engine -> Argon2.hash(password, salt(), cost, engine));
  }

  /**
   * Whether the password is the stored one. Without a stored one the answer is no, after the same
   * time as for a wrong password.
   */
  public boolean matches(String password, Optional<String> stored) {
    checked.increment();
    boolean equal = threads.run(engine -> Argon2.matches(password, stored.orElse(decoy), engine));
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
}
