package cloud.lastmile.placement.inventory;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/** What projects use. */
public final class UsageStore {

  /**
   * One resource class used by one type of consumers.
   *
   * @param consumers how many consumers of the type there are
   */
  record TypeUsage(String type, long consumers, String resourceClass, long used) {}

  Map<String, Long> ofProject(Handle handle, String project, Optional<String> user) {
    Map<String, Long> usages = new TreeMap<>();
    Query query =
        handle
            .createQuery(
                """
                SELECT a.resource_class, sum(a.used)::bigint AS used FROM placement.allocation a
                JOIN placement.consumer c ON c.id = a.consumer_id
                WHERE c.project_id = :project\
                """
                    + user.map(_ -> " AND c.user_id = :user").orElse("")
                    + " GROUP BY a.resource_class")
            .bind("project", project);
    user.ifPresent(id -> query.bind("user", id));
    query
        .map((row, _) -> Map.entry(row.getString("resource_class"), row.getLong("used")))
        .forEach(entry -> usages.put(entry.getKey(), entry.getValue()));
    return usages;
  }

  /**
   * @param type a type, {@code unknown}, or {@code all} for one sum over all types; each type for
   *     itself if empty
   */
  List<TypeUsage> byType(
      Handle handle, String project, Optional<String> user, Optional<String> type) {
    boolean isSum = type.filter("all"::equals).isPresent();
    Optional<String> only = type.filter(text -> !text.equals("all"));
    Query query =
        handle
            .createQuery(
                "WITH used AS (SELECT "
                    + (isSum ? "'all'" : "coalesce(c.consumer_type, 'unknown')")
                    + """
                     AS type, a.* FROM placement.allocation a
                      JOIN placement.consumer c ON c.id = a.consumer_id
                      WHERE c.project_id = :project\
                    """
                    + user.map(_ -> " AND c.user_id = :user").orElse("")
                    + only.map(_ -> " AND coalesce(c.consumer_type, 'unknown') = :type").orElse("")
                    + """
                    ), counts AS (SELECT type, count(DISTINCT consumer_id) AS consumers
                      FROM used GROUP BY type)
                    SELECT type, consumers, resource_class, sum(used.used)::bigint AS used
                    FROM used JOIN counts USING (type)
                    GROUP BY type, consumers, resource_class ORDER BY type, resource_class\
                    """)
            .bind("project", project);
    user.ifPresent(id -> query.bind("user", id));
    only.ifPresent(text -> query.bind("type", text));
    return query
        .map((row, _) ->
            new TypeUsage(
                row.getString("type"),
                row.getLong("consumers"),
                row.getString("resource_class"),
                row.getLong("used")))
        .list();
  }
}
