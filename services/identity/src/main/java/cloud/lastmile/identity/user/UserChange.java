package cloud.lastmile.identity.user;

import cloud.lastmile.identity.access.Changes;
import cloud.lastmile.identity.api.PasswordPolicy;
import cloud.lastmile.identity.common.Attributes;
import cloud.lastmile.identity.common.Faults;
import cloud.lastmile.identity.common.Options;
import cloud.lastmile.identity.password.PasswordHasher;
import cloud.lastmile.identity.resource.Project;
import cloud.lastmile.identity.resource.ProjectStore;
import cloud.lastmile.identity.user.FederatedIdentities.Identity;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.core.RequestContext;
import cloud.lastmile.platform.core.Timestamps;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.Fields;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** How users are made and changed. Passwords are hashed before a connection is taken. */
public final class UserChange {
  static final int MAX_NAME = 255;
  static final int MAX_PASSWORD = 4096;
  private static final Set<String> KNOWN =
      Set.of(
          "id",
          "name",
          "domain_id",
          "enabled",
          "default_project_id",
          "password",
          "password_expires_at",
          "options",
          "federated",
          "links");

  private final Changes changes;
  private final UserPassword passwords;
  private final InstantSource clock;

  public UserChange(
      Database database,
      Changes changes,
      PasswordHasher hasher,
      PasswordPolicy policy,
      InstantSource clock) {
    this.changes = changes;
    this.passwords = new UserPassword(database, hasher, policy);
    this.clock = clock;
  }

  User create(RequestContext context, Fields fields, String domainId) {
    User named =
        new User(
            Ids.hex(),
            domainId,
            Attributes.name(fields, MAX_NAME),
            fields.bool("enabled", true),
            Attributes.text(fields, "default_project_id", 64).orElse(null),
            null,
            Options.merged(Json.object(), Options.ofUser(fields)),
            Attributes.extra(fields, KNOWN));
    requireTextDescription(fields);
    Optional<String> hash = password(fields).map(passwords::hash);
    Optional<List<Identity>> federated = FederatedField.parse(fields);
    Instant now = now();
    User user = named.expiring(hash.isEmpty() ? null : passwords.expiry(named, false, now));
    return named(
        () ->
            changes
                .by(context)
                .transact((handle, touched) -> {
                  ProjectStore.requireDomain(handle, domainId);
                  requireNoDomain(handle, user.defaultProjectId());
                  UserStore.insert(handle, user, hash.orElse(null), now);
                  if (hash.isPresent()) {
                    passwords.store(
                        handle, user.id(), hash.get(), user.passwordExpiresAt(), false, now);
                  }
                  federated.ifPresent(
                      identities -> FederatedField.store(handle, user.id(), identities));
                  touched.user(user.id());
                  touched.event("user", user.id(), "created");
                  return user;
                }),
        user.name(),
        domainId);
  }

  User update(RequestContext context, User seen, Fields fields) {
    Attributes.requireSameId(fields, seen.id());
    if (fields
        .optional("domain_id")
        .filter(value -> !value.node().asString("").equals(seen.domainId()))
        .isPresent()) {
      throw ApiException.badRequest("Cannot change Domain ID");
    }
    requireTextDescription(fields);
    Optional<List<Identity>> federated = FederatedField.parse(fields);
    String name = Attributes.optionalName(fields, MAX_NAME).orElse(seen.name());
    Optional<String> hash = password(fields).map(passwords::hash);
    return named(
        () ->
            changes
                .by(context)
                .transact((handle, touched) -> {
                  User old =
                      UserStore.lock(handle, seen.id())
                          .orElseThrow(() -> Faults.notFound("user", seen.id()));
                  federated.ifPresent(
                      identities -> FederatedField.store(handle, old.id(), identities));
                  touched.user(old.id());
                  touched.event("user", old.id(), "updated");
                  return apply(handle, old, fields, hash);
                }),
        name,
        seen.domainId());
  }

  private User apply(Handle handle, User old, Fields fields, Optional<String> hash) {
    User changed =
        new User(
            old.id(),
            old.domainId(),
            Attributes.optionalName(fields, MAX_NAME).orElse(old.name()),
            fields.bool("enabled", old.enabled()),
            fields.isNull("default_project_id")
                ? null
                : Attributes.text(fields, "default_project_id", 64).orElse(old.defaultProjectId()),
            old.passwordExpiresAt(),
            Options.merged(old.options(), Options.ofUser(fields)),
            Attributes.merged(old.extra(), Attributes.extra(fields, KNOWN)));
    requireNoDomain(handle, changed.defaultProjectId());
    UserStore.update(handle, changed);
    if (changed.enabled() && !old.enabled()) {
      UserStore.activeOn(handle, old.id(), LocalDate.ofInstant(now(), ZoneOffset.UTC));
    }
    boolean newPassword = hash.isPresent() || fields.isNull("password");
    if (newPassword) {
      Instant now = now();
      changed = changed.expiring(hash.isEmpty() ? null : passwords.expiry(changed, false, now));
      passwords.store(handle, old.id(), hash.orElse(null), changed.passwordExpiresAt(), false, now);
    }
    if (newPassword || (old.enabled() && !changed.enabled())) {
      UserStore.refuseTokensBefore(handle, old.id(), now());
    }
    return changed;
  }

  /**
   * A password that its user chose; all tokens of the user end.
   *
   * @param original the one before, as the user proved
   */
  void setPassword(RequestContext context, String userId, String password, String original) {
    String hash = passwords.hash(password);
    passwords.requireMayChange(userId, password, original, now());
    changes
        .by(context)
        .change((handle, touched) -> {
          User user =
              UserStore.lock(handle, userId).orElseThrow(() -> Faults.notFound("user", userId));
          if (user.options().path("lock_password").asBoolean(false)) {
            throw ApiException.badRequest(
                "You cannot change your password at this time due to password policy disallowing"
                    + " password changes.");
          }
          Instant now = now();
          passwords.store(handle, userId, hash, passwords.expiry(user, true, now), true, now);
          UserStore.refuseTokensBefore(handle, userId, now());
          touched.user(userId);
          touched.event("user", userId, "updated");
        });
  }

  void delete(RequestContext context, String userId) {
    changes
        .by(context)
        .change((handle, touched) -> {
          if (!UserStore.delete(handle, userId)) {
            throw Faults.notFound("user", userId);
          }
          touched.user(userId);
          touched.event("user", userId, "deleted");
        });
  }

  private Instant now() {
    return Timestamps.truncate(clock.instant());
  }

  private static Optional<String> password(Fields fields) {
    return fields
        .optional("password")
        .map(value -> {
          if (!value.isString() || value.node().asString().length() > MAX_PASSWORD) {
            // The usual fault would quote the value.
            throw ApiException.badRequest(
                "Invalid input for field/attribute password. It must be a string of at most "
                    + MAX_PASSWORD
                    + " characters.");
          }
          return value.node().asString();
        });
  }

  private static void requireTextDescription(Fields fields) {
    Attributes.text(fields, "description", 65_535);
  }

  private static void requireNoDomain(Handle handle, @Nullable String projectId) {
    if (projectId != null
        && ProjectStore.find(handle, projectId).filter(Project::isDomain).isPresent()) {
      throw ApiException.badRequest("User's default project ID cannot be a domain: " + projectId);
    }
  }

  private static <T> T named(Supplier<T> write, String name, String domainId) {
    return Faults.unique(
        "account_name_unique",
        () -> FederatedField.unique(write),
        () ->
            Faults.conflict(
                "user", "Duplicate entry found with name " + name + " at domain ID " + domainId));
  }
}
