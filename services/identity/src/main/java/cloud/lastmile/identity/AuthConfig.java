package cloud.lastmile.identity;

import cloud.lastmile.identity.api.PasswordPolicy;
import cloud.lastmile.identity.federation.oidc.FederationFile;
import cloud.lastmile.identity.federation.oidc.FederationSettings;
import cloud.lastmile.identity.password.LoginLimits;
import cloud.lastmile.platform.secret.MasterKey;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * How logins are checked.
 *
 * @param credentialKey encrypts the keys of stored credentials; the same on every node
 * @param passwords what they must be
 * @param limits of failed logins
 * @param totpPreviousSteps how many passcodes before the current one are accepted
 * @param receiptLife how long a user has to show the rest of what its rules ask for
 * @param signatureLife how long an EC2 signature is good
 * @param federation the other identity providers; asked at every login there
 */
public record AuthConfig(
    MasterKey credentialKey,
    PasswordPolicy passwords,
    LoginLimits limits,
    int totpPreviousSteps,
    Duration receiptLife,
    Duration signatureLife,
    Supplier<FederationSettings> federation) {

  /** Keystone's defaults. */
  public static AuthConfig standard(MasterKey credentialKey) {
    return new AuthConfig(
        credentialKey,
        PasswordPolicy.standard(),
        LoginLimits.standard(),
        1,
        Duration.ofMinutes(5),
        Duration.ofMinutes(15),
        () -> FederationSettings.NONE);
  }

  public AuthConfig with(PasswordPolicy policy) {
    return new AuthConfig(
        credentialKey, policy, limits, totpPreviousSteps, receiptLife, signatureLife, federation);
  }

  public AuthConfig with(LoginLimits limit) {
    return new AuthConfig(
        credentialKey, passwords, limit, totpPreviousSteps, receiptLife, signatureLife, federation);
  }

  public AuthConfig with(Supplier<FederationSettings> settings) {
    return new AuthConfig(
        credentialKey, passwords, limits, totpPreviousSteps, receiptLife, signatureLife, settings);
  }

  /**
   * @param file a YAML file that says who the other providers are; read again when it changes
   * @throws IllegalArgumentException if it cannot be read or has a mistake
   */
  public AuthConfig withProvidersIn(Path file) {
    return with(new FederationFile(file));
  }

  public AuthConfig {
    if (totpPreviousSteps < 0 || !receiptLife.isPositive() || !signatureLife.isPositive()) {
      throw new IllegalArgumentException("identity: a life or number is out of range");
    }
  }
}
