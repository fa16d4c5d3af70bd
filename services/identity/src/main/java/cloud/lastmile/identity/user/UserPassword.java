package cloud.lastmile.identity.user;

import cloud.lastmile.identity.api.PasswordPolicy;
import cloud.lastmile.identity.password.PasswordHasher;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.Utc;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Sets users' passwords as the policy allows. */
final class UserPassword {
  private final Database database;
  private final PasswordHasher hasher;
  private final PasswordPolicy policy;

  UserPassword(Database database, PasswordHasher hasher, PasswordPolicy policy) {
    this.database = database;
    this.hasher = hasher;
    this.policy = policy;
  }

  /**
   * The hash to store. Not inside a transaction: it takes long.
   *
   * @throws ApiException bad request if it is not as the policy wants
   */
  String hash(String password) {
    policy.requireMatch(password);
    return hasher.hash(password);
  }

  /** When a password that an administrator sets now ends. */
  @Nullable Instant expiry(User user, boolean byUser, Instant now) {
    return policy.expiry(user.options(), byUser, now).orElse(null);
  }

  /** What must hold before a user changes its own password. Not inside a transaction. */
  void requireMayChange(String userId, String password, String original, Instant now) {
    if (password.equals(original) && policy.uniqueLast() > 0) {
      throw repeated();
    }
    Optional<Instant> chosen = database.read(handle -> chosenAt(handle, userId));
    Duration minimum = Duration.ofDays(policy.minimumAgeDays());
    if (chosen.isPresent() && now.isBefore(chosen.get().plus(minimum))) {
      long left = Duration.between(now, chosen.get().plus(minimum)).toDays();
      throw ApiException.badRequest(
          "You cannot change your password at this time due to the minimum password age. Once you"
              + " change your password, it must be used for "
              + policy.minimumAgeDays()
              + " day(s) before it can be changed. Please try again in "
              + left
              + " day(s) or contact your administrator to reset your password.");
    }
    if (policy.uniqueLast() > 0) {
      List<String> old = database.read(handle -> history(handle, userId));
      if (old.stream().anyMatch(hash -> hasher.matches(password, Optional.of(hash)))) {
        throw repeated();
      }
    }
  }

  private ApiException repeated() {
    return ApiException.badRequest(
        "The new password cannot be identical to a previous password. The total number which"
            + " includes the new password must be unique is "
            + policy.uniqueLast()
            + ".");
  }

  private static Optional<Instant> chosenAt(Handle handle, String userId) {
    return handle
        .createQuery(
            """
            SELECT password_set_at FROM identity.account
            WHERE id = :id AND password_self_service AND password_set_at IS NOT NULL
            """)
        .bind("id", userId)
        .mapTo(Instant.class)
        .findOne();
  }

  private List<String> history(Handle handle, String userId) {
    return handle
        .createQuery(
            """
            SELECT hash FROM identity.password_history WHERE user_id = :id
            ORDER BY set_at DESC LIMIT :count
            """)
        .bind("id", userId)
        .bind("count", policy.uniqueLast())
        .mapTo(String.class)
        .list();
  }

  /**
   * Stores a hash, or takes the password away if it is null, and forgives failed logins.
   *
   * @param byUser whether the user chose it itself
   */
  void store(
      Handle handle,
      String userId,
      @Nullable String hash,
      @Nullable Instant expiresAt,
      boolean byUser,
      Instant now) {
    handle
        .createUpdate(
            """
            UPDATE identity.account SET password_hash = :hash, password_set_at = :now,
              password_expires_at = :expires, password_self_service = :own WHERE id = :id
            """)
        .bind("hash", hash)
        .bind("now", Utc.of(now))
        .bind("expires", expiresAt == null ? null : Utc.of(expiresAt))
        .bind("own", byUser)
        .bind("id", userId)
        .execute();
    handle.execute(
        "UPDATE identity.login_address SET failures = 0, failed_at = NULL WHERE user_id = ?",
        userId);
    if (hash != null && policy.uniqueLast() > 0) {
      remember(handle, userId, hash, now);
    }
  }

  private void remember(Handle handle, String userId, String hash, Instant now) {
    handle.execute(
        """
        INSERT INTO identity.password_history (user_id, set_at, hash) VALUES (?, ?, ?)
        ON CONFLICT DO NOTHING\
        """,
        userId,
        Utc.of(now),
        hash);
    handle
        .createUpdate(
            """
            DELETE FROM identity.password_history h WHERE h.user_id = :id AND h.set_at < (
              SELECT min(kept.set_at) FROM (SELECT set_at FROM identity.password_history
                WHERE user_id = :id ORDER BY set_at DESC LIMIT :count) AS kept)
            """)
        .bind("id", userId)
        .bind("count", policy.uniqueLast())
        .execute();
  }
}
