package cloud.lastmile.identity.catalog;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** All that catalogs are made from at one time, as texts that are ready to be filled. */
public final class CatalogContent {
  private final List<CatalogEntry> entries;
  private final Map<String, Set<String>> narrowed;
  private final CatalogText withProject;
  private final CatalogText withoutProject;
  private final Map<Set<String>, CatalogText> narrow = new ConcurrentHashMap<>();

  /**
   * @param narrowed the endpoints that a project sees, for projects that do not see all
   */
  CatalogContent(List<CatalogEntry> entries, Map<String, Set<String>> narrowed) {
    this.entries = List.copyOf(entries);
    this.narrowed = Map.copyOf(narrowed);
    this.withProject = CatalogText.of(entries, true);
    this.withoutProject = CatalogText.of(entries, false);
  }

  /**
   * Services with their endpoints, as JSON. An endpoint whose URL needs a project is left out when
   * there is none; a project may be narrowed to some endpoints.
   */
  public String render(String userId, Optional<String> projectId) {
    if (projectId.isEmpty()) {
      return withoutProject.fill(userId, projectId);
    }
    Set<String> own = narrowed.get(projectId.get());
    CatalogText text = own == null ? withProject : narrow.computeIfAbsent(own, this::only);
    return text.fill(userId, projectId);
  }

  private CatalogText only(Set<String> endpoints) {
    return CatalogText.of(
        entries.stream().filter(entry -> endpoints.contains(entry.endpointId())).toList(), true);
  }
}
