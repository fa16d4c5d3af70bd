package cloud.lastmile.identity;

import cloud.lastmile.identity.api.IdentityDirectory;
import cloud.lastmile.platform.database.Database;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Answers other services from the database. */
final class Directory implements IdentityDirectory {
  private final Database database;

  Directory(Database database) {
    this.database = database;
  }

  @Override
  public boolean projectExists(String projectId) {
    return !projectNames(List.of(projectId)).isEmpty();
  }

  @Override
  public Map<String, String> projectNames(Collection<String> projectIds) {
    if (projectIds.isEmpty()) {
      return Map.of();
    }
    return database.read(handle ->
        handle
            .createQuery("SELECT id, name FROM identity.project WHERE id = ANY (:ids)")
            .bind("ids", projectIds.toArray(new String[0]))
            .reduceRows(
                new HashMap<String, String>(),
                (names, row) -> {
                  names.put(row.getColumn("id", String.class), row.getColumn("name", String.class));
                  return names;
                }));
  }

  @Override
  public Optional<String> endpoint(String serviceType, String region, String interfaceName) {
    return database.read(handle ->
        handle
            .createQuery(
                """
                SELECT e.url FROM identity.endpoint e
                JOIN identity.service s ON s.id = e.service_id
                WHERE s.type = :type AND s.enabled AND e.enabled AND e.region_id = :region
                  AND e.interface = :interface
                ORDER BY e.id LIMIT 1\
                """)
            .bind("type", serviceType)
            .bind("region", region)
            .bind("interface", interfaceName)
            .mapTo(String.class)
            .findOne());
  }
}
