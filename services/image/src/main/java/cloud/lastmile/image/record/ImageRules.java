package cloud.lastmile.image.record;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.policy.PolicyRule;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Who may do what to images: the reference's rules under the reference's names. */
public final class ImageRules {
  private static final String VISIBLE =
      "(project_id:%(project_id)s or project_id:%(member_id)s or 'community':%(visibility)s"
          + " or 'public':%(visibility)s or 'shared':%(visibility)s)";
  private static final String SHARED_MEMBER = "project_id:%(member_id)s";

  public static final PolicyRule ADD =
      new PolicyRule(
          "add_image",
          "role:admin or (role:member and project_id:%(project_id)s and project_id:%(owner)s)");
  public static final PolicyRule DELETE = PolicyRule.member("delete_image");
  public static final PolicyRule GET =
      new PolicyRule("get_image", "role:admin or (role:reader and " + VISIBLE + ")");
  public static final PolicyRule LIST = PolicyRule.reader("get_images");
  public static final PolicyRule MODIFY = PolicyRule.member("modify_image");
  static final PolicyRule PUBLICIZE = PolicyRule.admin("publicize_image");
  static final PolicyRule COMMUNITIZE = PolicyRule.member("communitize_image");
  public static final PolicyRule DOWNLOAD =
      new PolicyRule("download_image", "role:admin or (role:member and " + VISIBLE + ")");
  public static final PolicyRule UPLOAD = PolicyRule.member("upload_image");
  public static final PolicyRule COPY = PolicyRule.admin("copy_image");
  public static final PolicyRule DOWNLOAD_FROM_STORE =
      new PolicyRule("download_from_store", DOWNLOAD.check());
  public static final PolicyRule GET_LOCATION = PolicyRule.reader("get_image_location");
  public static final PolicyRule DELETE_LOCATION = PolicyRule.admin("delete_image_location");
  public static final PolicyRule ADD_LOCATION =
      new PolicyRule(
          "add_image_location",
          PolicyRule.ADMIN_OR_SERVICE
              + " or (role:member and project_id:%(project_id)s and project_id:%(owner)s)");
  public static final PolicyRule FETCH_LOCATION =
      new PolicyRule("fetch_image_location", PolicyRule.ADMIN_OR_SERVICE);
  public static final PolicyRule TASKS = PolicyRule.admin("tasks_api_access");
  public static final PolicyRule STORES_DETAIL =
      new PolicyRule("stores_info_detail", PolicyRule.ADMIN_OR_SERVICE);
  public static final PolicyRule ADD_MEMBER = PolicyRule.member("add_member");
  public static final PolicyRule DELETE_MEMBER = PolicyRule.member("delete_member");
  public static final PolicyRule GET_MEMBER =
      new PolicyRule(
          "get_member",
          "role:admin or role:reader and (project_id:%(project_id)s or " + SHARED_MEMBER + ")");
  public static final PolicyRule GET_MEMBERS = new PolicyRule("get_members", GET_MEMBER.check());
  public static final PolicyRule MODIFY_MEMBER =
      new PolicyRule("modify_member", "role:admin or (role:member and " + SHARED_MEMBER + ")");
  public static final PolicyRule DEACTIVATE = PolicyRule.member("deactivate");
  public static final PolicyRule REACTIVATE = PolicyRule.member("reactivate");

  /** For what everyone with a token may see: schemas and the like. */
  public static final PolicyRule ANYONE = new PolicyRule("image_discovery", PolicyRule.ANY_TOKEN);

  /** Those that handlers ask for beside their route's own. */
  public static final List<PolicyRule> OTHERS =
      List.of(PUBLICIZE, COMMUNITIZE, COPY, DOWNLOAD_FROM_STORE, GET_LOCATION);

  private ImageRules() {}

  /** The attributes by which a rule judges an image. */
  static Map<String, String> target(ImageRecord image, String memberId) {
    Map<String, String> target = new HashMap<>();
    target.put("project_id", image.owner());
    target.put("owner", image.owner());
    target.put("visibility", image.attributes().visibility());
    if (!memberId.isEmpty()) {
      target.put("member_id", memberId);
    }
    return target;
  }

  /** Checks the rule that a visibility has for itself. */
  public static void enforceVisibility(
      ApiRequest request, String visibility, Map<String, String> target) {
    switch (visibility) {
      case "public" -> request.enforce(PUBLICIZE, target);
      case "community" -> request.enforce(COMMUNITIZE, target);
      default -> {}
    }
  }

  public static ApiException noImage(String id) {
    return ApiException.notFound("No image found with ID " + id);
  }
}
