package cloud.lastmile.identity.auth;

import cloud.lastmile.identity.api.PasswordPolicy;
import cloud.lastmile.identity.auth.AuthRequest.Named;
import cloud.lastmile.identity.auth.AuthRequest.PasswordProof;
import cloud.lastmile.identity.auth.AuthStore.Account;
import cloud.lastmile.identity.auth.AuthStore.Looked;
import cloud.lastmile.identity.password.LoginLimiter;
import cloud.lastmile.identity.password.LoginLimiter.Target;
import cloud.lastmile.identity.password.PasswordHasher;
import cloud.lastmile.identity.user.Directories;
import cloud.lastmile.identity.user.Directories.Verdict;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.database.Database;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.Set;

/**
 * Checks passwords. Users unknown, disabled or locked and wrong passwords look and last the same.
 */
public final class PasswordLogin {
  static final String REFUSAL = "The request you have made requires authentication.";

  private final Database database;
  private final PasswordHasher hasher;
  private final PasswordPolicy policy;
  private final LoginLimiter limiter;
  private final InstantSource clock;
  private final Directories directories;

  public PasswordLogin(
      Database database,
      PasswordHasher hasher,
      PasswordPolicy policy,
      LoginLimiter limiter,
      InstantSource clock,
      Directories directories) {
    this.database = database;
    this.hasher = hasher;
    this.policy = policy;
    this.limiter = limiter;
    this.clock = clock;
    this.directories = directories;
  }

  /** The domains whose users are kept elsewhere. */
  Set<String> elsewhere() {
    return directories.domains();
  }

  /** The id of the user whose password this is. */
  String verify(PasswordProof proof, String address) {
    Account account = check(proof, address);
    boolean expires = !account.options().path("ignore_password_expiry").asBoolean(false);
    if (account
        .passwordExpiresAt()
        .filter(expiry -> expires && !clock.instant().isBefore(expiry))
        .isPresent()) {
      throw ApiException.unauthorized(
          "The password is expired and needs to be changed for user: " + account.id() + ".");
    }
    return account.id();
  }

  /** As for a login, but an expired password will do: this is how it is changed. */
  public void verifyToChange(String userId, String password, String address) {
    check(new PasswordProof(Named.ofId(userId), password), address);
  }

  private Account check(PasswordProof proof, String address) {
    Set<String> elsewhere = directories.domains();
    return limiter.attempt(
        address,
        attempt -> {
          Looked looked = database.read(handle -> AuthStore.look(handle, proof.user(), elsewhere));
          Target target = LoginTarget.of(proof.user(), looked, elsewhere);
          if (policy.lockoutAttempts() > 0) {
            attempt.aloneAt(target);
          } else {
            attempt.at(target);
          }
          return check(proof, looked.account(), address);
        });
  }

  private Account check(PasswordProof proof, Optional<Account> looked, String address) {
    Optional<Verdict> elsewhere = verifyElsewhere(proof);
    // The directory knows its users by other spellings of their names too.
    Optional<Account> account =
        elsewhere
            .flatMap(Verdict::userId)
            .map(id -> database.read(handle -> AuthStore.account(handle, id)))
            .orElse(looked);
    // From here on the work is the same whatever there is: its time must not tell who exists.
    boolean counted = account.filter(this::counts).isPresent();
    boolean locked = locked(account.map(Account::id).orElse(""), address) && counted;
    boolean matches =
        elsewhere
            .map(Verdict::right)
            .orElseGet(
                () -> hasher.matches(proof.password(), account.flatMap(Account::passwordHash)));
    if (!matches || locked) {
      noteFailure(account.filter(_ -> counted && !locked).map(Account::id).orElse(""), address);
    }
    Account found =
        account
            .filter(one -> matches && !locked && one.active() && !inactive(one))
            .orElseThrow(() -> ApiException.unauthorized(REFUSAL));
    succeeded(found, address, counted);
    return found;
  }

  private boolean counts(Account account) {
    return policy.lockoutAttempts() > 0
        && !account.options().path("ignore_lockout_failure_attempts").asBoolean(false);
  }

  /**
   * @param userId empty if there is nobody to count it for
   */
  private void noteFailure(String userId, String address) {
    if (policy.lockoutAttempts() == 0) {
      return;
    }
    Instant now = clock.instant();
    Instant since = lockoutBegins();
    database.change(handle -> LoginAddresses.failed(handle, userId, address, now, since));
  }

  private boolean locked(String userId, String address) {
    if (policy.lockoutAttempts() == 0) {
      return false;
    }
    Instant since = lockoutBegins();
    return database.read(
        handle -> LoginAddresses.locked(handle, userId, address, since, policy.lockoutAttempts()));
  }

  /** Failures before are forgiven. */
  private Instant lockoutBegins() {
    return policy.lockoutDuration().isZero()
        ? Instant.EPOCH
        : clock.instant().minus(policy.lockoutDuration());
  }

  private boolean inactive(Account account) {
    if (policy.inactiveDays() == 0
        || account.options().path("ignore_user_inactivity").asBoolean(false)) {
      return false;
    }
    return account
        .lastActive()
        .filter(day -> !day.plusDays(policy.inactiveDays()).isAfter(today()))
        .isPresent();
  }

  private void succeeded(Account account, String address, boolean counted) {
    Instant now = clock.instant();
    if (counted) {
      database.change(handle -> LoginAddresses.succeeded(handle, account.id(), address, now));
    }
    if (policy.inactiveDays() > 0 && !account.lastActive().equals(Optional.of(today()))) {
      database.change(handle -> LoginAddresses.active(handle, account.id(), today()));
    }
  }

  private LocalDate today() {
    return LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
  }

  /** What the directory says that keeps the user; empty if the user is kept here. */
  private Optional<Verdict> verifyElsewhere(PasswordProof proof) {
    Named user = proof.user();
    return directories.verify(
        user.id(),
        user.name(),
        user.domain().flatMap(Named::id),
        user.domain().flatMap(Named::name),
        proof.password());
  }
}
