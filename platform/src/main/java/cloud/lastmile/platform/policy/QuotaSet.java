package cloud.lastmile.platform.policy;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The resources of one service that a project may use only so many of.
 *
 * @param service keeps the names of services apart; the catalog's type of the service, by which it
 *     finds its unified limits: {@code compute}, {@code network}
 * @param defaults limit by resource; -1 is unlimited
 * @param unifiedNames by resource, where unified limits name it otherwise
 */
public record QuotaSet(
    String service, Map<String, Long> defaults, Map<String, String> unifiedNames) {

  public static final long UNLIMITED = -1;

  public QuotaSet {
    defaults = Collections.unmodifiableMap(new LinkedHashMap<>(defaults));
    unifiedNames = Map.copyOf(unifiedNames);
  }

  public static QuotaSet of(String service) {
    return new QuotaSet(service, Map.of(), Map.of());
  }

  public QuotaSet with(String resource, long limit) {
    Map<String, Long> more = new LinkedHashMap<>(defaults);
    more.put(resource, limit);
    return new QuotaSet(service, more, unifiedNames);
  }

  /** As {@link #with(String, long)}, under the name that the reference's unified limits have. */
  public QuotaSet with(String resource, long limit, String unifiedName) {
    Map<String, String> more = new LinkedHashMap<>(unifiedNames);
    more.put(resource, unifiedName);
    return new QuotaSet(service, with(resource, limit).defaults(), more);
  }

  /** What unified limits call the resource. */
  String unifiedName(String resource) {
    return unifiedNames.getOrDefault(resource, resource);
  }
}
