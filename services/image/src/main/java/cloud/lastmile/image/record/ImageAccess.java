package cloud.lastmile.image.record;

import cloud.lastmile.platform.core.Caller;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Finds images for callers; one that the caller may not see does not exist for it. */
public final class ImageAccess {
  private final Database database;
  private final ImageStore images;
  private final MemberStore members;

  public ImageAccess(Database database, ImageStore images, MemberStore members) {
    this.database = database;
    this.images = images;
    this.members = members;
  }

  /**
   * An image that the caller may see.
   *
   * @param target what policy judges it by
   */
  public record Seen(ImageRecord image, Map<String, String> target) {
    public UUID id() {
      return image.id();
    }
  }

  /** The image that the path names, or not found. */
  public Seen see(ApiRequest request) {
    String text = request.path("image_id");
    return Ids.parseUuid(text)
        .flatMap(id -> see(request.caller(), id))
        .filter(seen -> request.allows(ImageRules.GET, seen.target()))
        .orElseThrow(() -> ImageRules.noImage(text));
  }

  /** The image as far as ownership and sharing decide. */
  public Optional<Seen> see(Caller caller, UUID id) {
    return database.read(handle -> {
      ImageRecord image = images.find(handle, id).orElse(null);
      if (image == null) {
        return Optional.empty();
      }
      String project = caller.projectId().orElse("");
      boolean isMember =
          image.attributes().visibility().equals("shared")
              && !project.isEmpty()
              && !project.equals(image.owner())
              && members.find(handle, id, project).isPresent();
      return isVisible(caller, image, isMember)
          ? Optional.of(new Seen(image, ImageRules.target(image, isMember ? project : "")))
          : Optional.empty();
    });
  }

  private static boolean isVisible(Caller caller, ImageRecord image, boolean isMember) {
    String visibility = image.attributes().visibility();
    return caller.hasRole("admin")
        || visibility.equals("public")
        || visibility.equals("community")
        || caller.projectId().filter(image.owner()::equals).isPresent()
        || isMember;
  }
}
