package cloud.lastmile.identity.api;

import cloud.lastmile.platform.core.ApiException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * What passwords must be and how long they last. Zero turns a number's rule off.
 *
 * @param uniqueLast how many of a user's passwords in a row must differ, the new one included
 * @param minimumAgeDays how long a password that its user chose must be kept
 * @param expiresDays how long a password is good
 * @param regex what a password must match
 * @param regexDescription what users are told of it
 * @param changeUponFirstUse whether a password that an administrator set must be changed at once
 * @param lockoutAttempts failed logins from one address after which it is refused
 * @param lockoutDuration for how long; zero is until an administrator sets the password anew
 * @param inactiveDays days without a login after which a user is refused
 */
public record PasswordPolicy(
    int uniqueLast,
    int minimumAgeDays,
    int expiresDays,
    Optional<Pattern> regex,
    String regexDescription,
    boolean changeUponFirstUse,
    int lockoutAttempts,
    Duration lockoutDuration,
    int inactiveDays) {

  /** As Keystone without configuration: anything goes. */
  public static PasswordPolicy standard() {
    return new PasswordPolicy(0, 0, 0, Optional.empty(), "", false, 0, Duration.ofMinutes(30), 0);
  }

  public PasswordPolicy {
    if (uniqueLast < 0
        || minimumAgeDays < 0
        || expiresDays < 0
        || lockoutAttempts < 0
        || inactiveDays < 0
        || lockoutDuration.isNegative()) {
      throw new IllegalArgumentException("password policy: a number is negative");
    }
    if (expiresDays > 0 && minimumAgeDays >= expiresDays) {
      throw new IllegalArgumentException(
          "password policy: minimum_password_age must be less than password_expires_days");
    }
  }

  /** Refuses what does not match, never quoting it. */
  public void requireMatch(String password) {
    if (regex.isPresent() && !regex.get().matcher(password).lookingAt()) {
      throw ApiException.badRequest(
          "Password validation error: The password does not match the requirements: "
              + (regexDescription.isBlank() ? "it does not match the pattern" : regexDescription)
              + ".");
    }
  }

  /**
   * When a password that is set now ends; empty if never.
   *
   * @param options the user's
   * @param byUser whether the user itself set it
   */
  public Optional<Instant> expiry(JsonNode options, boolean byUser, Instant now) {
    if (!byUser
        && changeUponFirstUse
        && !options.path("ignore_change_password_upon_first_use").asBoolean(false)) {
      return Optional.of(now);
    }
    return expiresDays == 0 || options.path("ignore_password_expiry").asBoolean(false)
        ? Optional.empty()
        : Optional.of(now.plus(Duration.ofDays(expiresDays)));
  }
}
