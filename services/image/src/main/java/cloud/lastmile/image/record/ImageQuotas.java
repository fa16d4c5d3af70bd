package cloud.lastmile.image.record;

import cloud.lastmile.image.common.Bytes;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.ApiException.Kind;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.policy.QuotaExceeded;
import cloud.lastmile.platform.policy.QuotaSet;
import cloud.lastmile.platform.policy.Quotas;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ObjectNode;

/**
 * How many images a project may have and how much they may hold, under the names of the reference's
 * unified limits. Sizes are in MiB; an image counts once in each store it is in. The reference
 * knows no limit by default; here a project cannot fill the disk before somebody allows it to.
 */
public final class ImageQuotas {
  private static final String SIZE = "image_size_total";
  private static final String STAGE = "image_stage_total";
  private static final String COUNT = "image_count_total";
  private static final String UPLOADING = "image_count_uploading";

  static final long DEFAULT_SIZE_MIB = 1 << 20;
  static final long DEFAULT_STAGE_MIB = 256 << 10;
  static final long DEFAULT_COUNT = 1_000;
  static final long DEFAULT_UPLOADING = 20;

  private final Quotas quotas =
      new Quotas(
          QuotaSet.of("image")
              .with(SIZE, DEFAULT_SIZE_MIB)
              .with(STAGE, DEFAULT_STAGE_MIB)
              .with(COUNT, DEFAULT_COUNT)
              .with(UPLOADING, DEFAULT_UPLOADING));

  /**
   * What is reserved, or given back if negative.
   *
   * @param images number of images
   * @param uploading uploads and imports under way
   * @param sizeMib kept bytes
   * @param stageMib staged bytes
   */
  public record Held(long images, long uploading, long sizeMib, long stageMib) {
    public static final Held NOTHING = new Held(0, 0, 0, 0);

    public static Held image() {
      return new Held(1, 0, 0, 0);
    }

    public static Held upload(long sizeMib) {
      return new Held(0, 1, sizeMib, 0);
    }

    public static Held stage(long stageMib) {
      return new Held(0, 1, 0, stageMib);
    }

    public static Held size(long sizeMib) {
      return new Held(0, 0, sizeMib, 0);
    }

    Held minus(Held other) {
      return new Held(
          images - other.images,
          uploading - other.uploading,
          sizeMib - other.sizeMib,
          stageMib - other.stageMib);
    }

    private Map<String, Long> amounts() {
      Map<String, Long> amounts = new LinkedHashMap<>();
      amounts.put(COUNT, images);
      amounts.put(UPLOADING, uploading);
      amounts.put(SIZE, sizeMib);
      amounts.put(STAGE, stageMib);
      amounts.values().removeIf(amount -> amount == 0);
      return amounts;
    }
  }

  /**
   * Part of the caller's transaction.
   *
   * @throws ApiException too large, with every limit that does not allow it
   */
  public void reserve(Handle handle, String project, Held held) {
    try {
      quotas.reserve(handle, project, held.amounts());
    } catch (QuotaExceeded exceeded) {
      StringBuilder message = new StringBuilder("Project " + project + " is over a limit for ");
      String separator = "";
      for (QuotaExceeded.Excess excess : exceeded.excesses()) {
        message
            .append(separator)
            .append(
                "Resource %s is over limit of %d due to current usage %d and delta %d"
                    .formatted(
                        excess.resource(), excess.limit(), excess.inUse(), excess.requested()));
        separator = ", ";
      }
      throw ApiException.of(Kind.TOO_LARGE, message.toString());
    }
  }

  public void release(Handle handle, String project, Held held) {
    reserve(handle, project, Held.NOTHING.minus(held));
  }

  /** Moves what an image counts from one project to another. */
  public void move(Handle handle, String from, String to, Held held) {
    release(handle, from, held);
    reserve(handle, to, held);
  }

  /** What an image counts by itself: its entry and its bytes in each store. */
  public static Held of(ImageRecord image) {
    long mebibytes =
        image.data().map(data -> Bytes.mebibytes(data.size()) * data.places().size()).orElse(0L);
    return new Held(1, 0, mebibytes, 0);
  }

  /** Limit and usage by resource, as {@code /v2/info/usage} shows them. */
  public ObjectNode render(Handle handle, String project) {
    Map<String, Long> usage = quotas.usage(handle, project);
    Map<String, Long> limits = quotas.limits(handle, project);
    ObjectNode shown = Json.object();
    usage.forEach((resource, amount) ->
        shown
            .putObject(resource)
            .put("usage", amount)
            .put("limit", limits.getOrDefault(resource, QuotaSet.UNLIMITED)));
    return shown;
  }
}
