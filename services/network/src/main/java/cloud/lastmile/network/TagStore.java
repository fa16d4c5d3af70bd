package cloud.lastmile.network;

import cloud.lastmile.network.write.Changes;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** The tags of resources, a column of each one's row. */
final class TagStore {
  private TagStore() {}

  /** In the order in which they came; the row is held from now on. */
  static Optional<Set<String>> lock(Handle handle, String table, UUID id) {
    return handle
        .createQuery("SELECT tags FROM " + table + " WHERE id = :id FOR UPDATE")
        .bind("id", id)
        .map((row, _) -> (String[]) row.getArray(1).getArray())
        .findOne()
        .map(tags -> new LinkedHashSet<>(Arrays.asList(tags)));
  }

  static void update(Handle handle, String table, UUID id, List<String> tags) {
    Changes changes = new Changes(table, id);
    changes.set("tags", tags.toArray(String[]::new));
    changes.execute(handle);
  }
}
