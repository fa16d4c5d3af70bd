package cloud.lastmile.identity;

import cloud.lastmile.identity.api.LimitModel;
import cloud.lastmile.identity.password.PasswordCost;
import java.time.Duration;

/**
 * @param tokenLife how long a token is good
 * @param expiredTokenWindow how long after that a service may still validate it, for work that
 *     outlives its token
 * @param passwordCost of new hashes; stored ones keep theirs
 * @param concurrentLogins passwords checked at a time
 * @param limitModel how the limits of domains and projects depend on each other
 * @param auth how logins are checked
 */
public record IdentityConfig(
    Duration tokenLife,
    Duration expiredTokenWindow,
    PasswordCost passwordCost,
    int concurrentLogins,
    LimitModel limitModel,
    AuthConfig auth) {

  /** Keystone's lives; half of the processors for logins. */
  public static IdentityConfig standard(AuthConfig auth) {
    return new IdentityConfig(
        Duration.ofHours(1),
        Duration.ofDays(2),
        PasswordCost.RECOMMENDED,
        Math.max(1, Runtime.getRuntime().availableProcessors() / 2),
        LimitModel.FLAT,
        auth);
  }

  public IdentityConfig with(LimitModel model) {
    return new IdentityConfig(
        tokenLife, expiredTokenWindow, passwordCost, concurrentLogins, model, auth);
  }

  public IdentityConfig with(AuthConfig changed) {
    return new IdentityConfig(
        tokenLife, expiredTokenWindow, passwordCost, concurrentLogins, limitModel, changed);
  }

  public IdentityConfig {
    if (!tokenLife.isPositive() || expiredTokenWindow.isNegative() || concurrentLogins < 1) {
      throw new IllegalArgumentException("identity: a life, window or number is out of range");
    }
  }
}
