package cloud.lastmile.identity.ldap;

import cloud.lastmile.identity.access.Touched;
import cloud.lastmile.platform.core.Digests;
import cloud.lastmile.platform.core.Json;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import tools.jackson.databind.node.ObjectNode;

/**
 * Keeps rows of a directory's users and groups beside ours, so that roles can be assigned to them
 * and tokens validated as for all others. Ids are made from domain, kind and the directory's id, as
 * the reference makes them: the same whenever and wherever they are made.
 */
final class LdapMirror {
  private final Handle handle;
  private final Touched touched;
  private final String domainId;

  LdapMirror(Handle handle, Touched touched, String domainId) {
    this.handle = handle;
    this.touched = touched;
    this.domainId = domainId;
  }

  static String publicId(String domainId, String type, String localId) {
    return Digests.sha256Hex(domainId + type + localId);
  }

  private String userId(LdapUser user) {
    return publicId(domainId, "user", user.localId());
  }

  private String groupId(LdapGroup group) {
    return publicId(domainId, "group", group.localId());
  }

  /** Users of a directory; of several with one name the first counts. */
  void users(List<LdapUser> users) {
    Map<String, LdapUser> byName = new LinkedHashMap<>();
    users.forEach(user -> byName.putIfAbsent(user.name(), user));
    Map<String, String> localIds = new LinkedHashMap<>();
    byName.values().forEach(user -> localIds.put(userId(user), user.localId()));
    map("user", localIds);
    free("account", " AND NOT federated", localIds.keySet(), byName.keySet());
    PreparedBatch batch =
        handle.prepareBatch(
            """
            INSERT INTO identity.account
              (id, domain_id, name, enabled, options, extra, default_project_id)
            VALUES (?, ?, ?, ?, '{}', CAST(? AS jsonb), ?)
            ON CONFLICT (id) DO UPDATE SET name = excluded.name, enabled = excluded.enabled,
              extra = excluded.extra, default_project_id = excluded.default_project_id
            WHERE (account.name, account.enabled, account.extra, account.default_project_id)
              IS DISTINCT FROM
              (excluded.name, excluded.enabled, excluded.extra, excluded.default_project_id)
            """);
    for (LdapUser user : byName.values()) {
      ObjectNode extra = Json.object();
      user.additional().forEach(extra::put);
      if (user.mail() != null) {
        extra.put("email", user.mail());
      }
      if (user.description() != null) {
        extra.put("description", user.description());
      }
      batch.add(
          userId(user),
          domainId,
          user.name(),
          user.enabled(),
          extra.toString(),
          user.defaultProjectId());
    }
    if (batch.size() > 0) {
      int[] changed = batch.execute();
      List<String> ids = List.copyOf(localIds.keySet());
      for (int i = 0; i < changed.length; i++) {
        if (changed[i] != 0) {
          touched.user(ids.get(i));
        }
      }
    }
  }

  /** Users that the directory no longer has are disabled; what they were assigned stays. */
  void disableOthers(List<LdapUser> present) {
    handle
        .createQuery(
            """
            UPDATE identity.account a SET enabled = false
            WHERE enabled AND id IN (SELECT m.public_id FROM identity.id_mapping m
              WHERE m.domain_id = :domain AND m.entity_type = 'user')
              AND NOT EXISTS (SELECT FROM unnest(:present) AS present (id) WHERE present.id = a.id)
            RETURNING id
            """)
        .bind("domain", domainId)
        .bind("present", present.stream().map(this::userId).toArray(String[]::new))
        .mapTo(String.class)
        .forEach(touched::user);
  }

  void groups(List<LdapGroup> groups) {
    Map<String, LdapGroup> byName = new LinkedHashMap<>();
    groups.forEach(group -> byName.putIfAbsent(group.name(), group));
    Map<String, String> localIds = new LinkedHashMap<>();
    byName.values().forEach(group -> localIds.put(groupId(group), group.localId()));
    map("group", localIds);
    free("user_group", "", localIds.keySet(), byName.keySet());
    PreparedBatch batch =
        handle.prepareBatch(
            """
            INSERT INTO identity.user_group (id, domain_id, name, description, extra)
            VALUES (?, ?, ?, ?, CAST(? AS jsonb))
            ON CONFLICT (id) DO UPDATE SET name = excluded.name,
              description = excluded.description, extra = excluded.extra
            WHERE (user_group.name, user_group.description, user_group.extra)
              IS DISTINCT FROM (excluded.name, excluded.description, excluded.extra)
            """);
    for (LdapGroup group : byName.values()) {
      ObjectNode extra = Json.object();
      group.additional().forEach(extra::put);
      batch.add(groupId(group), domainId, group.name(), group.description(), extra.toString());
    }
    if (batch.size() > 0) {
      batch.execute();
    }
  }

  /** All memberships of the directory's groups become those given. */
  void memberships(LdapDirectory directory, List<LdapGroup> groups, List<LdapUser> users) {
    Map<String, String> idsByKey = new HashMap<>();
    users.forEach(user -> idsByKey.put(directory.memberKey(user), userId(user)));
    Set<List<String>> wanted = new HashSet<>();
    for (LdapGroup group : groups) {
      for (String member : group.members()) {
        String userId = idsByKey.get(directory.memberKey(member));
        if (userId != null) {
          wanted.add(List.of(userId, groupId(group)));
        }
      }
    }
    replace(wanted, Optional.empty());
  }

  /** The memberships of one user become those given. */
  void memberships(LdapUser user, List<LdapGroup> groups) {
    Set<List<String>> wanted = new HashSet<>();
    groups.forEach(group -> wanted.add(List.of(userId(user), groupId(group))));
    replace(wanted, Optional.of(userId(user)));
  }

  /**
   * @param userId if only the memberships of one user are known, not those of all
   */
  private void replace(Set<List<String>> wanted, Optional<String> userId) {
    String[] users = wanted.stream().map(List::getFirst).toArray(String[]::new);
    String[] groups = wanted.stream().map(List::getLast).toArray(String[]::new);
    handle
        .createQuery(
            """
            WITH wanted AS (SELECT * FROM unnest(:users, :groups) AS w (user_id, group_id)),
            known AS (SELECT w.* FROM wanted w JOIN identity.account a ON a.id = w.user_id
              JOIN identity.user_group g ON g.id = w.group_id),
            gone AS (DELETE FROM identity.membership m
              WHERE (:user::text IS NULL OR m.user_id = :user) AND m.group_id IN (SELECT i.public_id FROM identity.id_mapping i
                WHERE i.domain_id = :domain AND i.entity_type = 'group')
              AND (m.user_id, m.group_id) NOT IN (SELECT user_id, group_id FROM known)
              RETURNING m.user_id),
            made AS (INSERT INTO identity.membership (user_id, group_id)
              SELECT user_id, group_id FROM known ON CONFLICT DO NOTHING RETURNING user_id)
            SELECT user_id FROM gone UNION SELECT user_id FROM made
            """)
        .bind("user", userId.orElse(null))
        .bind("users", users)
        .bind("groups", groups)
        .bind("domain", domainId)
        .mapTo(String.class)
        .forEach(touched::user);
  }

  private void map(String type, Map<String, String> localIds) {
    PreparedBatch batch =
        handle.prepareBatch(
            """
            INSERT INTO identity.id_mapping (public_id, domain_id, entity_type, local_id)
            VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING
            """);
    localIds.forEach((id, localId) -> batch.add(id, domainId, type, localId));
    if (batch.size() > 0) {
      batch.execute();
    }
  }

  /**
   * Takes names from rows that have them no longer: the directory gave them to others.
   *
   * @param only SQL: which rows are the directory's
   */
  private void free(String table, String only, Set<String> ids, Set<String> names) {
    handle
        .createUpdate(
            """
            UPDATE identity.%s r SET name = left(name, 150) || ' (' || left(id, 32) || ')'
            WHERE domain_id = :domain AND name IN (SELECT unnest(:names))
              AND NOT EXISTS (SELECT FROM unnest(:ids) AS kept (id) WHERE kept.id = r.id)%s
            """
                .formatted(table, only))
        .bind("domain", domainId)
        .bind("names", names.toArray(new String[0]))
        .bind("ids", ids.toArray(new String[0]))
        .execute();
  }
}
