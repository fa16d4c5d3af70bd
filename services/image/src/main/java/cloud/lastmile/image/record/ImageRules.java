package cloud.lastmile.image;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.policy.PolicyRule;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Who may do what to images: the reference's rules under the reference's names. */
final class ImageRules {
  private static final String VISIBLE =
      "(project_id:%(project_id)s or project_id:%(member_id)s or 'community':%(visibility)s"
          + " or 'public':%(visibility)s or 'shared':%(visibility)s)";
  private static final String SHARED_MEMBER = "project_id:%(member_id)s";

  static final PolicyRule ADD =
      new PolicyRule(
          "add_image",
          "role:admin or (role:member and project_id:%(project_id)s and project_id:%(owner)s)");
  static final PolicyRule DELETE = PolicyRule.member("delete_image");
  static final PolicyRule GET =
      new PolicyRule("get_image", "role:admin or (role:reader and " + VISIBLE + ")");
  static final PolicyRule LIST = PolicyRule.reader("get_images");
  static final PolicyRule MODIFY = PolicyRule.member("modify_image");
  static final PolicyRule PUBLICIZE = PolicyRule.admin("publicize_image");
  static final PolicyRule COMMUNITIZE = PolicyRule.member("communitize_image");
  static final PolicyRule DOWNLOAD =
      new PolicyRule("download_image", "role:admin or (role:member and " + VISIBLE + ")");
  static final PolicyRule UPLOAD = PolicyRule.member("upload_image");
  static final PolicyRule COPY = PolicyRule.admin("copy_image");
  static final PolicyRule DOWNLOAD_FROM_STORE =
      new PolicyRule("download_from_store", DOWNLOAD.check());
  static final PolicyRule GET_LOCATION = PolicyRule.reader("get_image_location");
  static final PolicyRule DELETE_LOCATION = PolicyRule.admin("delete_image_location");
  static final PolicyRule ADD_LOCATION =
      new PolicyRule(
          "add_image_location",
          PolicyRule.ADMIN_OR_SERVICE
              + " or (role:member and project_id:%(project_id)s and project_id:%(owner)s)");
  static final PolicyRule FETCH_LOCATION =
      new PolicyRule("fetch_image_location", PolicyRule.ADMIN_OR_SERVICE);
  static final PolicyRule TASKS = PolicyRule.admin("tasks_api_access");
  static final PolicyRule STORES_DETAIL =
      new PolicyRule("stores_info_detail", PolicyRule.ADMIN_OR_SERVICE);
  static final PolicyRule ADD_MEMBER = PolicyRule.member("add_member");
  static final PolicyRule DELETE_MEMBER = PolicyRule.member("delete_member");
  static final PolicyRule GET_MEMBER =
      new PolicyRule(
          "get_member",
          "role:admin or role:reader and (project_id:%(project_id)s or " + SHARED_MEMBER + ")");
  static final PolicyRule GET_MEMBERS = new PolicyRule("get_members", GET_MEMBER.check());
  static final PolicyRule MODIFY_MEMBER =
      new PolicyRule("modify_member", "role:admin or (role:member and " + SHARED_MEMBER + ")");
  static final PolicyRule DEACTIVATE = PolicyRule.member("deactivate");
  static final PolicyRule REACTIVATE = PolicyRule.member("reactivate");

  /** For what everyone with a token may see: schemas and the like. */
  static final PolicyRule ANYONE = new PolicyRule("image_discovery", PolicyRule.ANY_TOKEN);

  /** Those that handlers ask for beside their route's own. */
  static final List<PolicyRule> OTHERS =
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
  static void enforceVisibility(ApiRequest request, String visibility, Map<String, String> target) {
    switch (visibility) {
      case "public" -> request.enforce(PUBLICIZE, target);
      case "community" -> request.enforce(COMMUNITIZE, target);
      default -> {}
    }
  }

  static ApiException noImage(String id) {
    return ApiException.notFound("No image found with ID " + id);
  }
}
