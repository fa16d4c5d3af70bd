package cloud.lastmile.identity.catalog;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * All that catalogs are made from.
 *
 * @param narrowed the endpoints that a project sees, for projects that do not see all
 */
record CatalogContent(List<CatalogEntry> entries, Map<String, Set<String>> narrowed) {

  CatalogContent {
    entries = List.copyOf(entries);
    narrowed = Map.copyOf(narrowed);
  }

  /** In the catalog of this project, or of no project. */
  List<CatalogEntry> seenBy(Optional<String> projectId) {
    Set<String> own = projectId.map(narrowed::get).orElse(null);
    return own == null
        ? entries
        : entries.stream().filter(entry -> own.contains(entry.endpointId())).toList();
  }
}
