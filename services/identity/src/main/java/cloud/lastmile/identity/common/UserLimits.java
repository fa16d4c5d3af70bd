package cloud.lastmile.identity.common;

import cloud.lastmile.platform.core.ApiException;
import org.jdbi.v3.core.Handle;

/**
 * How many of a thing a user may keep that it makes by itself and that no quota counts: without a
 * bound, one user could fill the disk. The reference has such limits too, which are off by default.
 */
public enum UserLimits {
  CREDENTIALS("identity.credential", "user_id", "credentials", 1_000),
  APPLICATION_CREDENTIALS(
      "identity.application_credential", "user_id", "application credentials", 1_000),
  /** They outlive the application credentials that they were made with. */
  ACCESS_RULES("identity.access_rule", "user_id", "access rules", 10_000),
  TRUSTS("identity.trust", "trustor_id", "trusts", 10_000);

  private final String table;
  private final String column;
  private final String what;
  private final int most;

  UserLimits(String table, String column, String what, int most) {
    this.table = table;
    this.column = column;
    this.what = what;
    this.most = most;
  }

  /**
   * Before another one is made in the same transaction; users wait for themselves only.
   *
   * @throws ApiException forbidden if there are as many as may be
   */
  public void require(Handle handle, String userId) {
    handle
        .createQuery("SELECT 1 FROM identity.account WHERE id = :user FOR NO KEY UPDATE")
        .bind("user", userId)
        .mapTo(Integer.class)
        .findOne();
    int there =
        handle
            .createQuery("SELECT count(*) FROM %s WHERE %s = :user".formatted(table, column))
            .bind("user", userId)
            .mapTo(Integer.class)
            .one();
    if (there >= most) {
      throw ApiException.forbidden(
          "Unable to create additional %s, maximum of %d already exceeded for user."
              .formatted(what, most));
    }
  }
}
