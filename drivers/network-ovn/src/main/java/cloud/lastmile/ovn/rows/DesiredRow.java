package cloud.lastmile.ovn.rows;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * A row as it shall be.
 *
 * @param columns exactly those that Lastmile decides; others (northd's, an operator's) are left
 *     alone
 * @param parents columns of other rows that shall refer to this one
 */
public record DesiredRow(String table, UUID id, Map<String, Object> columns, List<Parent> parents) {
  /** The key of {@code external_ids} that changes whenever the row does. */
  public static final String REVISION = "lastmile:revision";

  public DesiredRow {
    columns = Collections.unmodifiableMap(new TreeMap<>(columns));
    parents = List.copyOf(parents);
  }

  /** A reference to a row from a column of another. */
  public record Parent(String table, String column, UUID id) {}

  /** The row of {@code owner}, with its mark and revision added to {@code externalIds}. */
  static DesiredRow of(
      Owner owner,
      String table,
      UUID id,
      Map<String, Object> columns,
      Map<String, String> externalIds,
      List<Parent> parents) {
    Map<String, String> ids = new TreeMap<>(externalIds);
    ids.put(Owner.KEY, owner.toString());
    int content = 31 * (31 * columns.hashCode() + ids.hashCode()) + List.copyOf(parents).hashCode();
    ids.put(REVISION, Integer.toHexString(content));
    Map<String, Object> all = new TreeMap<>(columns);
    all.put("external_ids", Collections.unmodifiableMap(ids));
    return new DesiredRow(table, id, all, parents);
  }
}
