package cloud.lastmile.app;

import cloud.lastmile.identity.AuthConfig;
import cloud.lastmile.identity.IdentityConfig;
import cloud.lastmile.identity.IdentityService;
import cloud.lastmile.identity.api.LimitModel;
import cloud.lastmile.identity.api.PasswordPolicy;
import cloud.lastmile.platform.http.Authenticator;
import cloud.lastmile.platform.http.HttpConfig;
import cloud.lastmile.platform.secret.MasterKey;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * Users, projects, their limits and passwords.
 *
 * @param limitModel {@code flat} (default) or {@code strict_two_level}
 * @param passwords what they must be and how long they last
 * @param home the identity service of which this cloud is a region: {@code
 *     https://first.example.net/identity/v3}
 */
public record IdentitySection(
    @Nullable String limitModel, @Nullable Passwords passwords, @Nullable URI home) {

  public IdentitySection {
    if (limitModel != null) {
      LimitModel.parse(limitModel);
    }
    if (home != null && !keepsTokensSecret(home)) {
      throw new IllegalArgumentException(
          "identity.home is neither an https address nor an http address of this machine");
    }
  }

  private static boolean keepsTokensSecret(URI service) {
    String host = service.getHost();
    return host != null
        && ("https".equals(service.getScheme())
            || ("http".equals(service.getScheme()) && HttpConfig.isLoopback(host)));
  }

  /**
   * Named as in Keystone's {@code [security_compliance]}; what is left out is not asked for.
   *
   * @param lockoutDuration in seconds, 1800 if left out
   */
  public record Passwords(
      int uniqueLastPasswordCount,
      int minimumPasswordAge,
      int passwordExpiresDays,
      @Nullable String passwordRegex,
      @Nullable String passwordRegexDescription,
      boolean changePasswordUponFirstUse,
      int lockoutFailureAttempts,
      @Nullable Integer lockoutDuration,
      int disableUserAccountDaysInactive) {

    public Passwords {
      check("unique_last_password_count", uniqueLastPasswordCount);
      check("minimum_password_age", minimumPasswordAge);
      check("password_expires_days", passwordExpiresDays);
      check("lockout_failure_attempts", lockoutFailureAttempts);
      check("lockout_duration", Objects.requireNonNullElse(lockoutDuration, 0));
      check("disable_user_account_days_inactive", disableUserAccountDaysInactive);
      if (passwordRegex != null) {
        pattern(passwordRegex);
      }
    }

    private static void check(String key, int value) {
      Bounds.check("identity.passwords." + key, (long) value, 0, Integer.MAX_VALUE);
    }

    PasswordPolicy policy() {
      return new PasswordPolicy(
          uniqueLastPasswordCount,
          minimumPasswordAge,
          passwordExpiresDays,
          Optional.ofNullable(passwordRegex).map(Passwords::pattern),
          Objects.requireNonNullElse(passwordRegexDescription, ""),
          changePasswordUponFirstUse,
          lockoutFailureAttempts,
          Duration.ofSeconds(Objects.requireNonNullElse(lockoutDuration, 1800)),
          disableUserAccountDaysInactive);
    }

    private static Pattern pattern(String regex) {
      try {
        return Pattern.compile(regex);
      } catch (PatternSyntaxException malformed) {
        throw new IllegalArgumentException(
            "identity.passwords.password_regex: " + malformed.getDescription());
      }
    }
  }

  /**
   * @param federation the file that names the other identity providers
   */
  IdentityConfig config(MasterKey credentialKey, Path federation) {
    AuthConfig auth = AuthConfig.standard(credentialKey).withProvidersIn(federation);
    IdentityConfig config =
        IdentityConfig.standard(passwords == null ? auth : auth.with(passwords.policy()));
    return limitModel == null ? config : config.with(LimitModel.parse(limitModel));
  }

  /** Whose tokens are good here. */
  Authenticator authenticator(IdentityService own) {
    return home == null ? own.authenticator() : own.authenticator(home);
  }
}
