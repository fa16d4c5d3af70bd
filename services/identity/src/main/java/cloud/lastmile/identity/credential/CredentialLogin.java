package cloud.lastmile.identity.credential;

import cloud.lastmile.identity.access.AccessControl;
import cloud.lastmile.identity.access.KeptRows;
import cloud.lastmile.identity.credential.ApplicationCredentialStore.Login;
import cloud.lastmile.identity.password.PasswordHasher;
import cloud.lastmile.platform.database.Database;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Logins by application credential. What is known of a credential is kept in memory until it
 * changes, so that a login by its id costs no SQL, and but one quick hash.
 */
public final class CredentialLogin {
  private final Database database;
  private final KeptRows<Login> logins;
  private final SecretHash hash;
  private final InstantSource clock;

  public CredentialLogin(
      Database database, AccessControl control, PasswordHasher hasher, InstantSource clock) {
    this.database = database;
    this.logins = control.keepRows(ApplicationCredentialStore::login);
    this.hash = new SecretHash(hasher);
    this.clock = clock;
  }

  /** Whose the credential is and where it is good. */
  public record Owner(
      String credentialId, String userId, String projectId, Optional<Instant> expiresAt) {}

  /** The id of the credential that a user has under a name. */
  public Optional<String> idByName(String userId, String name) {
    return database.read(handle -> ApplicationCredentialStore.idByName(handle, userId, name));
  }

  /** Whose the credential is, be it good or not. */
  public Optional<String> ownerOf(String id) {
    return logins.find(id).map(Login::userId);
  }

  /** Empty if there is no such credential, it has expired, or the secret is wrong. */
  public Optional<Owner> verify(Optional<String> id, String secret) {
    Optional<Login> login = id.flatMap(logins::find);
    boolean right = hash.matches(secret, login.map(Login::secretHash));
    return login
        .filter(_ -> right)
        .filter(found ->
            found.expiresAt().isEmpty() || clock.instant().isBefore(found.expiresAt().get()))
        .map(found -> new Owner(found.id(), found.userId(), found.projectId(), found.expiresAt()));
  }

  /** For uses that were proven in another way; empty if there is none or it has expired. */
  public Optional<Owner> find(String id) {
    return logins
        .find(id)
        .filter(found ->
            found.expiresAt().isEmpty() || clock.instant().isBefore(found.expiresAt().get()))
        .map(found -> new Owner(found.id(), found.userId(), found.projectId(), found.expiresAt()));
  }

  SecretHash hash() {
    return hash;
  }
}
