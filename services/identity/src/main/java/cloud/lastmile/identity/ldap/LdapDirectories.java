package cloud.lastmile.identity.ldap;

import cloud.lastmile.identity.access.AccessControl;
import cloud.lastmile.identity.access.Changes;
import cloud.lastmile.identity.access.Kept;
import cloud.lastmile.identity.domainconfig.DomainConfigStore;
import cloud.lastmile.identity.user.Directories;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.database.Database;
import com.unboundid.ldap.sdk.LDAPException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/** The domains whose users are in LDAP servers, by their configuration. */
public final class LdapDirectories implements Directories {
  private static final Logger LOG = LoggerFactory.getLogger(LdapDirectories.class);

  private final Database database;
  private final Changes changes;
  private final Kept<Map<String, Supplier<LdapConfig>>> configs;

  public LdapDirectories(Database database, AccessControl control, DomainConfigStore store) {
    this.database = database;
    this.changes = control.changes();
    this.configs =
        control.keepDomainConfig(handle ->
            store.ldapDomains(handle).entrySet().stream()
                .collect(
                    Collectors.toUnmodifiableMap(
                        Map.Entry::getKey, entry -> readable(entry.getValue()))));
  }

  /** A configuration that cannot be followed fails whoever asks its own directory, not others. */
  private static Supplier<LdapConfig> readable(Map<String, JsonNode> stored) {
    try {
      LdapConfig config = LdapConfig.of(stored);
      return () -> config;
    } catch (IllegalArgumentException problem) {
      return () -> {
        throw problem;
      };
    }
  }

  private Optional<LdapDirectory> directory(@Nullable String domainId, boolean toReader) {
    Optional<Supplier<LdapConfig>> config =
        domainId == null ? Optional.empty() : Optional.ofNullable(configs.get().get(domainId));
    try {
      return config.map(Supplier::get).map(LdapDirectory::new);
    } catch (IllegalArgumentException problem) {
      throw unavailable(
          domainId,
          LdapProblem.configured(String.valueOf(problem.getMessage()), problem),
          toReader);
    }
  }

  @Override
  public Set<String> domains() {
    return configs.get().keySet();
  }

  @Override
  public void requireLocal(String domainId) {
    if (configs.get().containsKey(domainId)) {
      throw ApiException.forbidden(
          "You are not authorized to perform the requested action: LDAP does not support write"
              + " operations.");
    }
  }

  @Override
  public void refresh(@Nullable String domainId) {
    Optional<LdapDirectory> directory = directory(domainId, true);
    if (domainId == null || directory.isEmpty()) {
      return;
    }
    try {
      List<LdapUser> users = directory.get().users();
      List<LdapGroup> groups = directory.get().groups();
      changes.change((handle, touched) -> {
        LdapMirror mirror = new LdapMirror(handle, touched, domainId);
        mirror.users(users);
        mirror.disableOthers(users);
        mirror.groups(groups);
        mirror.memberships(directory.get(), groups, users);
      });
    } catch (LDAPException failure) {
      throw unavailable(domainId, failure, true);
    }
  }

  /** Where a user is looked for. */
  private record Place(String domainId, Optional<String> localId) {}

  @Override
  public Optional<Verdict> verify(
      Optional<String> userId,
      Optional<String> name,
      Optional<String> domainId,
      Optional<String> domainName,
      String password) {
    if (configs.get().isEmpty()) {
      return Optional.empty();
    }
    Optional<Place> place = place(userId, domainId, domainName);
    Optional<LdapDirectory> directory = place.flatMap(found -> directory(found.domainId(), false));
    if (place.isEmpty() || directory.isEmpty()) {
      return Optional.empty();
    }
    try {
      Optional<LdapUser> user =
          place.get().localId().isPresent()
              ? directory.get().userById(place.get().localId().get())
              : directory.get().userByName(name.orElse(""));
      if (user.isEmpty() || !directory.get().binds(user.get(), password)) {
        return Optional.of(new Verdict(Optional.empty()));
      }
      String found = place.get().domainId();
      takeOver(found, directory.get(), user.get());
      String id = LdapMirror.publicId(found, "user", user.get().localId());
      return Optional.of(new Verdict(Optional.of(id)));
    } catch (LDAPException failure) {
      throw unavailable(place.get().domainId(), failure, false);
    }
  }

  private void takeOver(String domainId, LdapDirectory directory, LdapUser user)
      throws LDAPException {
    List<LdapGroup> groups = directory.groupsOf(user);
    changes.change((handle, touched) -> {
      LdapMirror mirror = new LdapMirror(handle, touched, domainId);
      mirror.users(List.of(user));
      mirror.groups(groups);
      mirror.memberships(user, groups);
    });
  }

  private Optional<Place> place(
      Optional<String> userId, Optional<String> domainId, Optional<String> domainName) {
    if (userId.isPresent()) {
      return database.read(handle ->
          handle
              .createQuery(
                  """
                  SELECT domain_id, local_id FROM identity.id_mapping
                  WHERE public_id = :id AND entity_type = 'user'
                  """)
              .bind("id", userId.get())
              .map((row, _) ->
                  new Place(row.getString("domain_id"), Optional.of(row.getString("local_id"))))
              .findOne());
    }
    if (domainId.isPresent()) {
      return Optional.of(new Place(domainId.get(), Optional.empty()));
    }
    return domainName.flatMap(name ->
        database.read(handle ->
            handle
                .createQuery("SELECT id FROM identity.project WHERE is_domain AND name = :name")
                .bind("name", name)
                .map((row, _) -> new Place(row.getString("id"), Optional.empty()))
                .findOne()));
  }

  /**
   * @param toReader whether it is said to someone who may read the domain's users
   */
  private static ApiException unavailable(
      @Nullable String domainId, LDAPException failure, boolean toReader) {
    LdapProblem problem =
        failure instanceof LdapProblem known
            ? known
            : LdapProblem.answering(String.valueOf(failure.getMessage()), failure);
    LOG.warn("The directory of domain {}: {}", domainId, problem.whole());
    return ApiException.unavailable(toReader ? problem.whole() : problem.told(), failure);
  }
}
