package cloud.lastmile.image.request;

import cloud.lastmile.image.common.AttributeRules;
import cloud.lastmile.image.record.ImageAccess;
import cloud.lastmile.image.record.ImageAccess.Seen;
import cloud.lastmile.image.record.ImageEvents;
import cloud.lastmile.image.record.ImageRules;
import cloud.lastmile.image.record.ImageStore;
import cloud.lastmile.image.record.MemberStore;
import cloud.lastmile.image.record.MemberStore.Member;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Caller;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.core.Timestamps;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v2/images/{id}/members}: with whom an image is shared. */
public final class MemberRoutes {
  private static final int MAX_MEMBERS = 128;
  private static final Set<String> STATUSES = Set.of("pending", "accepted", "rejected");

  private final Database database;
  private final ImageAccess access;
  private final ImageStore images;
  private final MemberStore members;
  private final ImageEvents events;

  public MemberRoutes(
      Database database,
      ImageAccess access,
      ImageStore images,
      MemberStore members,
      ImageEvents events) {
    this.events = events;
    this.database = database;
    this.access = access;
    this.images = images;
    this.members = members;
  }

  public List<Route> routes() {
    String all = "/v2/images/{image_id}/members";
    String one = all + "/{member_id}";
    return List.of(
        Route.get(all, ImageRules.GET_MEMBERS, this::list).enforcedByHandler(),
        Route.post(all, ImageRules.ADD_MEMBER, this::add).enforcedByHandler(),
        Route.get(one, ImageRules.GET_MEMBER, this::show).enforcedByHandler(),
        Route.put(one, ImageRules.MODIFY_MEMBER, this::update).enforcedByHandler(),
        Route.delete(one, ImageRules.DELETE_MEMBER, this::remove).enforcedByHandler());
  }

  private Seen seeShared(ApiRequest request, String refusal) {
    Seen seen = access.see(request);
    if (!seen.image().attributes().visibility().equals("shared")) {
      throw ApiException.forbidden(refusal);
    }
    return seen;
  }

  /** Whether all members are the caller's to see; a member sees only itself. */
  private static boolean seesAll(Caller caller, Seen seen) {
    return caller.hasRole("admin")
        || caller.projectId().filter(seen.image().owner()::equals).isPresent();
  }

  private ApiResponse list(ApiRequest request) {
    String id = request.path("image_id");
    Seen seen =
        seeShared(
            request,
            "Not allowed to list members for image " + id + ": Only shared images have members.");
    request.enforce(seen.target());
    String project = request.caller().projectId().orElse("");
    boolean all = seesAll(request.caller(), seen);
    ObjectNode answer = Json.object();
    ArrayNode shown = answer.putArray("members");
    database.read(handle -> members.list(handle, seen.id())).stream()
        .filter(member -> all || member.memberId().equals(project))
        .forEach(member -> shown.add(render(member)));
    answer.put("schema", "/v2/schemas/members");
    return ApiResponse.ok(answer);
  }

  private ApiResponse add(ApiRequest request) {
    String project = projectOf(request.json());
    String id = request.path("image_id");
    Seen seen = seeShared(request, "Not allowed to create members for image " + id + ".");
    request.enforce(seen.target());
    try {
      return ApiResponse.ok(
          render(
              database.transact(handle -> {
                if (images.lock(handle, seen.id()).isEmpty()) {
                  throw ImageRules.noImage(id);
                }
                int present = members.list(handle, seen.id()).size();
                if (present >= MAX_MEMBERS && members.find(handle, seen.id(), project).isEmpty()) {
                  throw AttributeRules.limit("members", present + 1, MAX_MEMBERS);
                }
                Member member = members.insert(handle, seen.id(), project);
                tell(handle, "create", seen, member, request);
                return member;
              })));
    } catch (RuntimeException failure) {
      throw Database.violated(failure).filter(MemberStore.PRIMARY_KEY::equals).isPresent()
          ? ApiException.conflict("Member " + project + " is duplicated for image " + id)
          : failure;
    }
  }

  private static String projectOf(JsonNode body) {
    if (!body.isObject()) {
      throw ApiException.badRequest("Expected a member in the form: {\"member\": \"image_id\"}");
    }
    JsonNode member = body.path("member");
    if (member.isMissingNode()) {
      throw ApiException.badRequest("Member to be added not specified");
    }
    if (!member.isString() || member.asString().isEmpty()) {
      throw ApiException.badRequest("Member can't be empty");
    }
    String project = member.asString();
    if (project.length() > AttributeRules.MAX_TEXT || project.indexOf('\0') >= 0) {
      throw ApiException.badRequest("Member is not the ID of a project");
    }
    return project;
  }

  private ApiResponse show(ApiRequest request) {
    Seen seen;
    try {
      seen = seeShared(request, "Only shared images have members.");
      request.enforce(seen.target());
    } catch (ApiException refused) {
      throw ApiException.notFound(refused.message());
    }
    return ApiResponse.ok(render(find(request, seen)));
  }

  private Member find(ApiRequest request, Seen seen) {
    String memberId = request.path("member_id");
    boolean mayKnow =
        seesAll(request.caller(), seen)
            || request.caller().projectId().filter(memberId::equals).isPresent();
    Optional<Member> found =
        mayKnow
            ? database.read(handle -> members.find(handle, seen.id(), memberId))
            : Optional.empty();
    return found.orElseThrow(() -> unknown(request));
  }

  private static ApiException unknown(ApiRequest request) {
    return ApiException.notFound(
        request.path("member_id")
            + " not found in the member list of the image "
            + request.path("image_id")
            + ".");
  }

  private ApiResponse update(ApiRequest request) {
    JsonNode body = request.json();
    if (!body.isObject()) {
      throw ApiException.badRequest("Expected a status in the form: {\"status\": \"status\"}");
    }
    if (body.path("status").isMissingNode()) {
      throw ApiException.badRequest("Status not specified");
    }
    String id = request.path("image_id");
    Seen seen = seeShared(request, "Not allowed to update members for image " + id + ".");
    find(request, seen);
    request.enforce(seen.target());
    String status = body.path("status").asString("");
    if (!STATUSES.contains(status)) {
      throw ApiException.badRequest(
          "Incorrect request: Status must be \"pending\", \"accepted\" or \"rejected\".");
    }
    return ApiResponse.ok(
        render(
            database.transact(handle -> {
              Member member =
                  members
                      .setStatus(handle, seen.id(), request.path("member_id"), status)
                      .orElseThrow(() -> unknown(request));
              tell(handle, "update", seen, member, request);
              return member;
            })));
  }

  private ApiResponse remove(ApiRequest request) {
    String id = request.path("image_id");
    Seen seen = seeShared(request, "Not allowed to delete members for image " + id + ".");
    Member member = find(request, seen);
    request.enforce(seen.target());
    database.change(handle -> {
      if (!members.delete(handle, seen.id(), member.memberId())) {
        throw unknown(request);
      }
      tell(handle, "delete", seen, member, request);
    });
    return ApiResponse.empty(204);
  }

  private void tell(Handle handle, String what, Seen seen, Member member, ApiRequest request) {
    events.member(handle, what, seen.image(), member, request.context().requestId());
  }

  private static ObjectNode render(Member member) {
    return Json.object()
        .put("member_id", member.memberId())
        .put("image_id", member.imageId().toString())
        .put("status", member.status())
        .put("created_at", Timestamps.seconds(member.createdAt()))
        .put("updated_at", Timestamps.seconds(member.updatedAt()))
        .put("schema", "/v2/schemas/member");
  }
}
