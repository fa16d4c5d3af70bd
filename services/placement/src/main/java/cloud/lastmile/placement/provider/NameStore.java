package cloud.lastmile.placement.provider;

import cloud.lastmile.placement.common.StandardNames;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;

/** The custom names of one kind, beside the standard ones that every cloud knows. */
public final class NameStore {
  public static final NameStore CLASSES =
      new NameStore("placement.resource_class", StandardNames.RESOURCE_CLASSES);
  static final NameStore TRAITS = new NameStore("placement.trait", StandardNames.TRAITS);

  private final String table;
  private final Set<String> standard;

  private NameStore(String table, Set<String> standard) {
    this.table = table;
    this.standard = standard;
  }

  public boolean isStandard(String name) {
    return standard.contains(name);
  }

  /** All names, the standard ones first. */
  public Set<String> all(Handle handle) {
    Set<String> names = new LinkedHashSet<>(standard);
    names.addAll(
        handle
            .createQuery("SELECT name FROM " + table + " ORDER BY created_at, name")
            .mapTo(String.class)
            .list());
    return names;
  }

  public boolean has(Handle handle, String name) {
    return missing(handle, List.of(name)).isEmpty();
  }

  /** Those of the names that there are not; no statement if all are standard. */
  public Set<String> missing(Handle handle, Collection<String> names) {
    Set<String> missing = new TreeSet<>(names);
    missing.removeAll(standard);
    if (!missing.isEmpty()) {
      handle
          .createQuery("SELECT name FROM " + table + " WHERE name = ANY(:names) FOR SHARE")
          .bindArray("names", String.class, new ArrayList<>(missing))
          .mapTo(String.class)
          .forEach(missing::remove);
    }
    return missing;
  }

  /** Whether it was added; not if it was there. */
  public boolean add(Handle handle, String name) {
    return handle
            .createUpdate("INSERT INTO " + table + " (name) VALUES (:name) ON CONFLICT DO NOTHING")
            .bind("name", name)
            .execute()
        == 1;
  }

  public boolean rename(Handle handle, String from, String to) {
    return handle
            .createUpdate("UPDATE " + table + " SET name = :to WHERE name = :from")
            .bind("from", from)
            .bind("to", to)
            .execute()
        == 1;
  }

  public boolean delete(Handle handle, String name) {
    return handle
            .createUpdate("DELETE FROM " + table + " WHERE name = :name")
            .bind("name", name)
            .execute()
        == 1;
  }
}
