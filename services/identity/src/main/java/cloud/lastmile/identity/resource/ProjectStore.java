package cloud.lastmile.identity.resource;

import static cloud.lastmile.platform.database.ListColumn.text;

import cloud.lastmile.identity.common.Attributes;
import cloud.lastmile.identity.common.Faults;
import cloud.lastmile.identity.common.Filters;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.database.ListPage;
import cloud.lastmile.platform.database.ListQuery;
import cloud.lastmile.platform.database.Utc;
import cloud.lastmile.platform.policy.UnifiedLimits;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.generic.GenericType;
import org.jdbi.v3.core.statement.SqlStatement;

/** The SQL of projects and domains. */
public final class ProjectStore {
  static final String SELECT =
      """
      p.id, p.name, p.domain_id, p.parent_id, p.is_domain, p.description, p.enabled,
      p.options::text AS options, p.extra::text AS extra,
      ARRAY(SELECT t.tag FROM identity.project_tag t WHERE t.project_id = p.id ORDER BY t.tag)
        AS tags
      """;

  private static final ListQuery<Project> LIST = list();

  private ProjectStore() {}

  private static ListQuery<Project> list() {
    ListQuery<Project> list =
        ListQuery.of("identity.project p", SELECT, (row, _) -> map(row))
            .column(text("id", "p.id"))
            .column(text("name", "p.name"))
            .column(text("domain_id", "p.domain_id").orNull())
            .column(text("parent_id", "p.parent_id").orNull())
            .filter("tags", values -> tagged(values, true))
            .filter("tags-any", values -> tagged(values, false))
            .filter("not-tags", values -> not(tagged(values, true)))
            .filter("not-tags-any", values -> not(tagged(values, false)));
    list = Filters.truth(list, "enabled", "p.enabled");
    list = Filters.truth(list, "is_domain", "p.is_domain");
    return list;
  }

  private static Condition tagged(List<String> values, boolean all) {
    List<String> tags = List.of(values.getLast().split(","));
    String count = "(SELECT count(*) FROM identity.project_tag t WHERE t.project_id = p.id AND ";
    Condition in = Condition.in("t.tag", tags.stream().distinct().toList());
    String enough = all ? ") = " + tags.stream().distinct().count() : ") > 0";
    return new Condition(count + in.sql() + enough, in.values());
  }

  private static Condition not(Condition condition) {
    return new Condition("NOT " + condition.sql(), condition.values());
  }

  /** A page; {@code within} bounds what the caller may see. */
  public static ListPage<Project> list(
      Handle handle, Map<String, List<String>> query, Condition within) {
    return asked(query, within).run(handle);
  }

  /** The same, not read yet. */
  public static ListQuery.Asked<Project> asked(Map<String, List<String>> query, Condition within) {
    return LIST.asked(query, Filters.dialect()).within(within);
  }

  public static Optional<Project> find(Handle handle, String id) {
    return LIST.find(handle, id);
  }

  /** As {@link #find}, and nobody else changes it until the transaction ends. */
  public static Optional<Project> lock(Handle handle, String id) {
    return LIST.lock(handle, id);
  }

  public static Optional<Project> findDomain(Handle handle, String id) {
    return find(handle, id).filter(Project::isDomain);
  }

  /**
   * @throws ApiException not found, in the reference's words
   */
  public static void requireDomain(Handle handle, String id) {
    if (findDomain(handle, id).isEmpty()) {
      throw Faults.notFound("domain", id);
    }
  }

  /** What is above, nearest first; the domain last. */
  static List<Project> parents(Handle handle, String id) {
    return handle
        .createQuery(
            """
            WITH RECURSIVE above (id, depth) AS (
              SELECT parent_id, 1 FROM identity.project WHERE id = :id AND parent_id IS NOT NULL
              UNION ALL
              SELECT p.parent_id, a.depth + 1 FROM above a
              JOIN identity.project p ON p.id = a.id WHERE p.parent_id IS NOT NULL
            )
            SELECT %s FROM above a JOIN identity.project p ON p.id = a.id ORDER BY a.depth
            """
                .formatted(SELECT))
        .bind("id", id)
        .map((row, _) -> map(row))
        .list();
  }

  /** What is below, at any depth, parents before their children. */
  static List<Project> subtree(Handle handle, String id) {
    return handle
        .createQuery(
            """
            WITH RECURSIVE below (id, depth) AS (
              SELECT id, 1 FROM identity.project WHERE parent_id = :id
              UNION ALL
              SELECT p.id, b.depth + 1 FROM below b
              JOIN identity.project p ON p.parent_id = b.id
            )
            SELECT %s FROM below b JOIN identity.project p ON p.id = b.id ORDER BY b.depth, p.id
            """
                .formatted(SELECT))
        .bind("id", id)
        .map((row, _) -> map(row))
        .list();
  }

  /** Ids of all that is below, at any depth. */
  public static List<String> idsBelow(Handle handle, String id) {
    return handle
        .createQuery(
            """
            WITH RECURSIVE below (id) AS (
              SELECT id FROM identity.project WHERE parent_id = :id
              UNION SELECT p.id FROM below b JOIN identity.project p ON p.parent_id = b.id
            )
            SELECT id FROM below
            """)
        .bind("id", id)
        .mapTo(String.class)
        .list();
  }

  public static void insert(Handle handle, Project project) {
    bind(
            handle.createUpdate(
                """
                INSERT INTO identity.project
                  (id, name, domain_id, parent_id, is_domain, description, enabled, options, extra)
                VALUES (:id, :name, :domain, :parent, :isDomain, :description, :enabled,
                  :options::jsonb, :extra::jsonb)
                """),
            project)
        .bind("domain", project.domainId())
        .bind("parent", project.parentId())
        .bind("isDomain", project.isDomain())
        .execute();
    insertTags(handle, project.id(), project.tags());
    if (project.domainId() != null) {
      UnifiedLimits.join(handle, project.id(), project.domainId());
    }
  }

  /** The domain of every project. */
  public static Map<String, String> domains(Handle handle) {
    return handle
        .createQuery("SELECT id, domain_id FROM identity.project WHERE NOT is_domain")
        .setMapKeyColumn("id")
        .setMapValueColumn("domain_id")
        .collectInto(new GenericType<Map<String, String>>() {});
  }

  /** All but the tags. */
  static void update(Handle handle, Project project) {
    bind(
            handle.createUpdate(
                """
                UPDATE identity.project SET name = :name, description = :description,
                  enabled = :enabled, options = :options::jsonb, extra = :extra::jsonb
                WHERE id = :id
                """),
            project)
        .execute();
  }

  private static <S extends SqlStatement<S>> S bind(S statement, Project project) {
    return statement
        .bind("id", project.id())
        .bind("name", project.name())
        .bind("description", project.description())
        .bind("enabled", project.enabled())
        .bind("options", project.options().toString())
        .bind("extra", project.extra().toString());
  }

  /** Refuses tokens issued before, for the project and, if it is a domain, for all in it. */
  static void refuseTokensBefore(Handle handle, String id, Instant moment) {
    handle
        .createUpdate("UPDATE identity.project SET tokens_valid_after = :moment WHERE id = :id")
        .bind("moment", Utc.of(moment))
        .bind("id", id)
        .execute();
  }

  /** Switches projects, and refuses the tokens of those that are disabled. */
  static void enable(Handle handle, List<String> ids, boolean enabled, Instant now) {
    handle
        .createUpdate(
            """
            UPDATE identity.project SET enabled = :enabled,
              tokens_valid_after = CASE WHEN :enabled THEN tokens_valid_after ELSE :now END
            WHERE id = ANY (:ids) AND enabled <> :enabled
            """)
        .bind("enabled", enabled)
        .bind("now", Utc.of(now))
        .bind("ids", ids.toArray(new String[0]))
        .execute();
  }

  static void replaceTags(Handle handle, String id, List<String> tags) {
    handle.execute("DELETE FROM identity.project_tag WHERE project_id = ?", id);
    insertTags(handle, id, tags);
  }

  private static void insertTags(Handle handle, String id, List<String> tags) {
    if (tags.isEmpty()) {
      return;
    }
    handle
        .createUpdate(
            """
            INSERT INTO identity.project_tag (project_id, tag)
            SELECT :id, tag FROM unnest(:tags) AS tag
            """)
        .bind("id", id)
        .bind("tags", tags.toArray(new String[0]))
        .execute();
  }

  static boolean hasChildren(Handle handle, String id) {
    return handle
        .createQuery("SELECT EXISTS (SELECT 1 FROM identity.project WHERE parent_id = :id)")
        .bind("id", id)
        .mapTo(Boolean.class)
        .one();
  }

  /** The project with its assignments, tags and limits; users lose it as their default. */
  static void delete(Handle handle, String id) {
    handle.execute(
        "UPDATE identity.account SET default_project_id = NULL WHERE default_project_id = ?", id);
    handle.execute("DELETE FROM identity.project WHERE id = ?", id);
    UnifiedLimits.deleteOf(handle, id);
  }

  /** Users and groups of a domain; roles and assignments go with the domain's row. */
  static void deletePeople(Handle handle, String domainId) {
    for (String table : List.of("account", "user_group")) {
      handle
          .createUpdate("DELETE FROM identity." + table + " WHERE domain_id = :id")
          .bind("id", domainId)
          .execute();
    }
  }

  static Project map(ResultSet row) throws SQLException {
    return new Project(
        row.getString("id"),
        row.getString("name"),
        row.getString("domain_id"),
        row.getString("parent_id"),
        row.getBoolean("is_domain"),
        row.getString("description"),
        row.getBoolean("enabled"),
        Attributes.stored(row.getString("options")),
        Attributes.stored(row.getString("extra")),
        List.of((String[]) row.getArray("tags").getArray()));
  }
}
