package cloud.lastmile.identity.auth;

import cloud.lastmile.platform.database.Utc;
import java.time.Instant;
import java.time.LocalDate;
import org.jdbi.v3.core.Handle;

/**
 * Lockout, by user and address: whoever guesses locks out the address that the guesses come from.
 * Guesses from many addresses lock the user everywhere but where it is known.
 */
final class LoginAddresses {
  /** Failures over all addresses that lock a user, as a multiple of what locks one address. */
  private static final int EVERYWHERE = 10;

  private LoginAddresses() {}

  /**
   * @param since failures before no longer count
   * @param attempts failures that lock an address
   */
  static boolean locked(Handle handle, String userId, String address, Instant since, int attempts) {
    return handle
        .createQuery(
            """
            SELECT coalesce(bool_or(address = :address AND counted >= :attempts), false)
              OR (coalesce(sum(counted), 0) >= :everywhere
                AND NOT coalesce(bool_or(address = :address AND succeeded_at IS NOT NULL), false))
            FROM (SELECT address, succeeded_at,
                CASE WHEN failed_at > :since THEN failures ELSE 0 END AS counted
              FROM identity.login_address WHERE user_id = :user) AS seen
            """)
        .bind("address", address)
        .bind("attempts", attempts)
        .bind("everywhere", (long) attempts * EVERYWHERE)
        .bind("user", userId)
        .bind("since", Utc.of(since))
        .mapTo(Boolean.class)
        .findOne()
        .orElse(false);
  }

  /**
   * Does not wait for the disk, for which an unknown user's failure would not wait either; after a
   * crash a few failures less are known.
   *
   * @param since failures before no longer count
   */
  static void failed(Handle handle, String userId, String address, Instant now, Instant since) {
    handle.execute("SET LOCAL synchronous_commit = off");
    handle
        .createUpdate(
            """
            INSERT INTO identity.login_address AS known (user_id, address, failures, failed_at)
            SELECT id, :address, 1, :now FROM identity.account WHERE id = :user
            ON CONFLICT (user_id, address)
              DO UPDATE SET failed_at = :now,
                failures = CASE WHEN known.failed_at > :since THEN known.failures ELSE 0 END + 1
            """)
        .bind("since", Utc.of(since))
        .bind("user", userId)
        .bind("address", address)
        .bind("now", Utc.of(now))
        .execute();
  }

  static void succeeded(Handle handle, String userId, String address, Instant now) {
    handle
        .createUpdate(
            """
            INSERT INTO identity.login_address AS known (user_id, address, succeeded_at)
            VALUES (:user, :address, :now)
            ON CONFLICT (user_id, address)
              DO UPDATE SET failures = 0, failed_at = NULL, succeeded_at = :now
              WHERE known.failures > 0 OR known.succeeded_at IS NULL
                OR known.succeeded_at < :now - interval '1 day'
            """)
        .bind("user", userId)
        .bind("address", address)
        .bind("now", Utc.of(now))
        .execute();
  }

  static void active(Handle handle, String userId, LocalDate day) {
    handle.execute("UPDATE identity.account SET last_active_on = ? WHERE id = ?", day, userId);
  }
}
