package cloud.lastmile.compute.metadata;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Everything that the metadata service serves to one guest. */
public final class MetadataTree {
  private MetadataTree() {}

  /**
   * The document or listing at a path; empty if there is none. Slashes at the end or in a row do
   * not count.
   */
  public static Optional<Document> find(GuestMetadata guest, String path) {
    List<String> segments =
        Arrays.stream(path.split("/", -1)).filter(segment -> !segment.isEmpty()).toList();
    if (segments.isEmpty()) {
      return Ec2Layout.find(guest, segments);
    }
    return switch (segments.getFirst()) {
      case "openstack" -> OpenStackLayout.find(guest, segments.subList(1, segments.size()));
      case "ec2" -> Ec2Layout.find(guest, segments.subList(1, segments.size()));
      default -> Ec2Layout.find(guest, segments);
    };
  }
}
