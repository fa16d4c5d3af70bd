package cloud.lastmile.image.record;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * An image as it is stored.
 *
 * @param data absent until its bytes are there
 */
public record ImageRecord(
    UUID id,
    String status,
    ImageAttributes attributes,
    Optional<Data> data,
    Importing importing,
    Instant createdAt,
    Instant updatedAt) {

  /**
   * What is known of an image's bytes.
   *
   * @param checksum MD5 in hex
   * @param hash SHA-512 in hex
   * @param places at least one, the oldest first
   */
  public record Data(
      long size, long virtualSize, String checksum, String hash, List<Place> places) {
    public Data {
      places = List.copyOf(places);
    }
  }

  /**
   * Where the bytes are.
   *
   * @param location their name in the store
   */
  public record Place(UUID store, String location) {}

  /**
   * What imports do to the image.
   *
   * @param task the one that holds it now
   * @param stores names of the stores still to be filled; absent until the first import
   * @param failed names of those that could not be; absent until the first import
   */
  public record Importing(
      Optional<UUID> task, Optional<List<String>> stores, Optional<List<String>> failed) {
    public static final Importing NEVER =
        new Importing(Optional.empty(), Optional.empty(), Optional.empty());

    /**
     * An import begins; what an earlier one could not fill and this one will not try stays told.
     */
    public Importing begun(UUID by, List<String> wanted) {
      List<String> stillFailed = new ArrayList<>(failed.orElse(List.of()));
      stillFailed.removeAll(wanted);
      return new Importing(Optional.of(by), Optional.of(wanted), Optional.of(stillFailed));
    }

    /** A store is filled, or given up. */
    public Importing without(String store) {
      return new Importing(
          task,
          stores.map(names -> names.stream().filter(name -> !name.equals(store)).toList()),
          failed);
    }

    public Importing failing(List<String> more) {
      List<String> all = new ArrayList<>(failed.orElse(List.of()));
      all.addAll(more);
      return new Importing(task, stores, Optional.of(all));
    }

    public Importing ended() {
      return new Importing(
          Optional.empty(), Optional.of(List.of()), Optional.of(failed.orElse(List.of())));
    }
  }

  static final String HASH_ALGORITHM = "sha512";

  public String owner() {
    return attributes.owner();
  }
}
