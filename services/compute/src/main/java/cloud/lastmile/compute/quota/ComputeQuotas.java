package cloud.lastmile.compute.quota;

import cloud.lastmile.compute.flavor.ServerFlavor;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.policy.QuotaExceeded;
import cloud.lastmile.platform.policy.QuotaSet;
import cloud.lastmile.platform.policy.Quotas;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/** What projects may have of servers, with the reference's names and defaults. */
public final class ComputeQuotas {
  public static final QuotaSet SET =
      QuotaSet.of("compute")
          .with("instances", 10, "servers")
          .with("cores", 20, "class:VCPU")
          .with("ram", 51_200, "class:MEMORY_MB")
          .with("metadata_items", 128, "server_metadata_items")
          .with("key_pairs", 100, "server_key_pairs")
          .with("server_groups", 10)
          .with("server_group_members", 10)
          .with("injected_files", 5, "server_injected_files")
          .with("injected_file_content_bytes", 10_240, "server_injected_file_content_bytes")
          .with("injected_file_path_bytes", 255, "server_injected_file_path_bytes");

  private final Quotas quotas;

  public ComputeQuotas(Quotas quotas) {
    this.quotas = quotas;
  }

  public Quotas platform() {
    return quotas;
  }

  private static Map<String, Long> amounts(ServerFlavor flavor, int count) {
    return Map.of(
        "instances", (long) count,
        "cores", (long) count * flavor.vcpus(),
        "ram", (long) count * flavor.ramMib());
  }

  /** Throws {@link QuotaExceeded} if they do not fit. */
  public void reserve(Handle handle, String projectId, ServerFlavor flavor, int count) {
    quotas.reserve(handle, projectId, amounts(flavor, count));
  }

  /** As {@link #reserve}, without reserving: before work is done for what does not fit. */
  public void check(Handle handle, String projectId, ServerFlavor flavor, int count) {
    quotas.check(handle, projectId, amounts(flavor, count));
  }

  public void release(Handle handle, String projectId, ServerFlavor flavor) {
    quotas.release(handle, projectId, amounts(flavor, 1));
  }

  /** How many servers of this flavor would still have fitted. */
  public static int fitting(QuotaExceeded exceeded, int asked) {
    return exceeded.excesses().stream()
        .mapToInt(excess -> {
          long each = Math.max(1, excess.requested() / asked);
          return (int) Math.max(0, (excess.limit() - excess.inUse()) / each);
        })
        .min()
        .orElse(0);
  }

  public static ApiException tooMany(QuotaExceeded exceeded) {
    String names = join(exceeded.excesses(), QuotaExceeded.Excess::resource);
    return ApiException.forbidden(
        "Quota exceeded for "
            + names
            + ": Requested "
            + join(exceeded.excesses(), excess -> Long.toString(excess.requested()))
            + ", but already used "
            + join(exceeded.excesses(), excess -> Long.toString(excess.inUse()))
            + " of "
            + join(exceeded.excesses(), excess -> Long.toString(excess.limit()))
            + " "
            + names);
  }

  private static String join(
      List<QuotaExceeded.Excess> excesses, Function<QuotaExceeded.Excess, String> part) {
    return excesses.stream().map(part).collect(Collectors.joining(", "));
  }

  /** The limit on something that is not counted; -1 is unlimited. */
  public long limit(Handle handle, String projectId, String resource) {
    return quotas.limits(handle, projectId).getOrDefault(resource, QuotaSet.UNLIMITED);
  }

  /**
   * @throws ApiException forbidden if a server may not have so many
   */
  public void requireMetadataFits(Handle handle, String projectId, int items) {
    // Nearly all requests stay far below any limit; only others need to look.
    if (items == 0) {
      return;
    }
    long limit = limit(handle, projectId, "metadata_items");
    if (limit >= 0 && items > limit) {
      throw ApiException.forbidden("Maximum number of metadata items exceeds " + limit);
    }
  }
}
