package cloud.lastmile.identity;

import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves what a cloud made of itself to another region. That is asked for in two places, so that a
 * slip of the pen in one node's configuration does not rename a cloud under its users: the new
 * region is in the catalog already, and the configuration names it.
 */
final class HomeRegion {
  private static final Logger LOG = LoggerFactory.getLogger(HomeRegion.class);

  private HomeRegion() {}

  /**
   * @throws IllegalArgumentException naming both regions, and saying what to do, if it was not
   *     asked for in both
   */
  static void settle(Handle handle, String region) {
    Optional<String> former = former(handle);
    if (former.isEmpty() || former.get().equals(region)) {
      return;
    }
    boolean isKnown =
        handle
            .createQuery("SELECT EXISTS (SELECT 1 FROM identity.region WHERE id = :region)")
            .bind("region", region)
            .mapTo(Boolean.class)
            .one();
    if (!isKnown) {
      throw new IllegalArgumentException(
          ("region: the configuration says %1$s, but this cloud has been %2$s since its first"
                  + " start. Write `region: %2$s`; or, to rename it, start it as %2$s once more, run"
                  + " `openstack region create %1$s`, and start it as %1$s then")
              .formatted(region, former.get()));
    }
    move(handle, former.get(), region);
    LOG.warn(
        "This cloud was the region {} and is {} now; its endpoints and registered limits moved",
        former.get(),
        region);
  }

  private static Optional<String> former(Handle handle) {
    return handle
        .createQuery(
            """
            SELECT region_id FROM identity.endpoint
            WHERE bootstrap_path IS NOT NULL AND region_id IS NOT NULL ORDER BY id LIMIT 1
            """)
        .mapTo(String.class)
        .findOne();
  }

  /** A limit that the new region has of its own stays as it is. */
  private static void move(Handle handle, String former, String region) {
    handle
        .createUpdate(
            """
            UPDATE identity.endpoint SET region_id = :region
            WHERE bootstrap_path IS NOT NULL AND region_id = :former
            """)
        .bind("region", region)
        .bind("former", former)
        .execute();
    handle
        .createUpdate(
            """
            UPDATE platform.registered_limit r SET region_id = :region
            WHERE r.region_id = :former AND NOT EXISTS (SELECT 1 FROM platform.registered_limit o
              WHERE o.service_id = r.service_id AND o.resource_name = r.resource_name
                AND o.region_id = :region)
            """)
        .bind("region", region)
        .bind("former", former)
        .execute();
  }
}
