package cloud.lastmile.platform.policy;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The resources of one service that a project may use only so many of.
 *
 * @param service keeps the names of services apart: {@code compute}, {@code network}
 * @param defaults limit by resource; -1 is unlimited
 */
public record QuotaSet(String service, Map<String, Long> defaults) {

  public static final long UNLIMITED = -1;

  public QuotaSet {
    defaults = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(defaults));
  }

  public static QuotaSet of(String service) {
    return new QuotaSet(service, Map.of());
  }

  public QuotaSet with(String resource, long limit) {
    Map<String, Long> more = new LinkedHashMap<>(defaults);
    more.put(resource, limit);
    return new QuotaSet(service, more);
  }
}
