package cloud.lastmile.image.api;

import java.util.Optional;

/**
 * What the image service must know of the catalog, to import from another region's image service.
 */
@FunctionalInterface
public interface ImageEndpoints {
  /**
   * @param interfaceName {@code public}, {@code internal} or {@code admin}
   * @return the endpoint's URL
   */
  Optional<String> find(String region, String interfaceName);
}
