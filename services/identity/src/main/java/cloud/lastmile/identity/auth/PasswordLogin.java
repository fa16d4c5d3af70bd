package cloud.lastmile.identity.auth;

import cloud.lastmile.identity.auth.AuthRequest.Named;
import cloud.lastmile.identity.auth.AuthRequest.PasswordProof;
import cloud.lastmile.identity.auth.AuthStore.Account;
import cloud.lastmile.identity.password.PasswordHasher;
import cloud.lastmile.identity.user.Directories;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.database.Database;
import java.time.InstantSource;
import java.util.Optional;

/** Checks passwords. Unknown user, wrong password and disabled user look and last the same. */
public final class PasswordLogin {
  static final String REFUSAL = "The request you have made requires authentication.";

  private final Database database;
  private final PasswordHasher hasher;
  private final InstantSource clock;
  private final Directories directories;

  public PasswordLogin(
      Database database, PasswordHasher hasher, InstantSource clock, Directories directories) {
    this.database = database;
    this.hasher = hasher;
    this.clock = clock;
    this.directories = directories;
  }

  /** The id of the user whose password this is. */
  String verify(PasswordProof proof) {
    Account account = check(proof);
    if (account
        .passwordExpiresAt()
        .filter(expiry -> expiry.isBefore(clock.instant()))
        .isPresent()) {
      throw ApiException.unauthorized(
          "The password is expired and needs to be changed for user: " + account.id() + ".");
    }
    return account.id();
  }

  /** As for a login, but an expired password will do: this is how it is changed. */
  public void verifyToChange(String userId, String password) {
    check(
        new PasswordProof(
            new Named(Optional.of(userId), Optional.empty(), Optional.empty()), password));
  }

  private Account check(PasswordProof proof) {
    Optional<Boolean> elsewhere = verifyElsewhere(proof);
    Optional<Account> account = database.read(handle -> AuthStore.account(handle, proof.user()));
    boolean matches =
        elsewhere.orElseGet(
            () -> hasher.matches(proof.password(), account.flatMap(Account::passwordHash)));
    return account
        .filter(found -> matches && found.active())
        .orElseThrow(() -> ApiException.unauthorized(REFUSAL));
  }

  /** What the directory says that keeps the user; empty if the user is kept here. */
  private Optional<Boolean> verifyElsewhere(PasswordProof proof) {
    Named user = proof.user();
    return directories.verify(
        user.id(),
        user.name(),
        user.domain().flatMap(Named::id),
        user.domain().flatMap(Named::name),
        proof.password());
  }
}
