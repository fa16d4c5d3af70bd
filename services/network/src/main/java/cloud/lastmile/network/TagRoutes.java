package cloud.lastmile.network;

import cloud.lastmile.network.common.Converters;
import cloud.lastmile.network.common.Errors;
import cloud.lastmile.network.floatingip.FloatingIpNoun;
import cloud.lastmile.network.net.NetworkNoun;
import cloud.lastmile.network.port.PortNoun;
import cloud.lastmile.network.router.RouterNoun;
import cloud.lastmile.network.securitygroup.SecurityGroupNoun;
import cloud.lastmile.network.subnet.SubnetNoun;
import cloud.lastmile.network.subnetpool.SubnetPoolNoun;
import cloud.lastmile.network.write.Writes;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import cloud.lastmile.platform.resource.Noun;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/** {@code /v2.0/{kind}/{id}/tags}, of every kind of resource that bears tags. */
final class TagRoutes {
  private static final int MAX_LENGTH = 255;
  private static final int MAX_TAGS = 50;

  private static final List<Kind> KINDS =
      List.of(
          new Kind(NetworkNoun.NOUN),
          new Kind(SubnetNoun.NOUN),
          new Kind(PortNoun.NOUN),
          new Kind(RouterNoun.NOUN),
          new Kind(FloatingIpNoun.NOUN),
          new Kind(SubnetPoolNoun.NOUN),
          new Kind(SecurityGroupNoun.NOUN));

  private final Writes writes;

  TagRoutes(Writes writes) {
    this.writes = writes;
  }

  /** What bears tags. Who may see a resource sees its tags. */
  private record Kind(Noun noun) {
    PolicyRule rule(String verb, String check) {
      return new PolicyRule(verb + "_" + noun.singular() + ":tags", check);
    }

    /** The reference's word for it. */
    String collection() {
      return noun.plural();
    }
  }

  List<Route> routes() {
    return KINDS.stream().flatMap(kind -> routes(kind).stream()).toList();
  }

  private List<Route> routes(Kind kind) {
    String all = "/v2.0" + kind.noun().path() + "/{id}/tags";
    PolicyRule get = kind.rule("get", kind.noun().rules().get().check());
    PolicyRule update = kind.rule("update", PolicyRule.ADMIN_OR_PROJECT_MEMBER);
    PolicyRule delete = kind.rule("delete", PolicyRule.ADMIN_OR_PROJECT_MEMBER);
    return List.of(
        Route.get(all, get, request -> list(request, kind)).enforcedByHandler(),
        Route.put(all, update, request -> replace(request, kind)).enforcedByHandler(),
        Route.delete(all, delete, request -> clear(request, kind)).enforcedByHandler(),
        Route.get(all + "/{tag}", get, request -> check(request, kind)).enforcedByHandler(),
        Route.put(all + "/{tag}", update, request -> add(request, kind)).enforcedByHandler(),
        Route.delete(all + "/{tag}", delete, request -> remove(request, kind)).enforcedByHandler());
  }

  private ApiResponse list(ApiRequest request, Kind kind) {
    return answer(tags(request, kind));
  }

  private ApiResponse check(ApiRequest request, Kind kind) {
    String tag = named(request);
    if (!tags(request, kind).contains(tag)) {
      throw missing(tag);
    }
    return ApiResponse.empty(204);
  }

  private Set<String> tags(ApiRequest request, Kind kind) {
    // Still the text that the database sent.
    String sent = enforced(request, kind).path("tags").toString();
    Set<String> tags = new LinkedHashSet<>();
    Json.mapper().readTree(sent).forEach(tag -> tags.add(tag.asString()));
    return tags;
  }

  private ApiResponse replace(ApiRequest request, Kind kind) {
    ObjectNode row = enforced(request, kind);
    JsonNode asked = request.json().path("tags");
    if (asked.isMissingNode()) {
      throw Errors.invalidInput("Invalid tags body");
    }
    Set<String> tags = new LinkedHashSet<>();
    Converters.list(Converters.text(MAX_LENGTH))
        .convert("tags", asked)
        .forEach(tag -> tags.add(tag.asString()));
    change(
        request,
        kind,
        row,
        now -> {
          now.clear();
          now.addAll(tags);
        });
    return answer(tags);
  }

  private ApiResponse clear(ApiRequest request, Kind kind) {
    change(request, kind, enforced(request, kind), Set::clear);
    return ApiResponse.empty(204);
  }

  private ApiResponse add(ApiRequest request, Kind kind) {
    String tag = named(request);
    change(request, kind, enforced(request, kind), tags -> tags.add(tag));
    return ApiResponse.empty(201);
  }

  private ApiResponse remove(ApiRequest request, Kind kind) {
    String tag = named(request);
    change(
        request,
        kind,
        enforced(request, kind),
        tags -> {
          if (!tags.remove(tag)) {
            throw missing(tag);
          }
        });
    return ApiResponse.empty(204);
  }

  private static String named(ApiRequest request) {
    StringNode tag = StringNode.valueOf(request.path("tag"));
    return Converters.text(MAX_LENGTH).convert("tag", tag).asString();
  }

  private static ApiException missing(String tag) {
    return Errors.notFound("TagNotFound", "Tag " + tag + " could not be found.");
  }

  private static ApiException noResource(Kind kind, String id) {
    return Errors.notFound(
        "TagResourceNotFound", "Resource " + kind.collection() + " " + id + " could not be found.");
  }

  private ObjectNode enforced(ApiRequest request, Kind kind) {
    String id = request.path("id");
    ObjectNode row =
        Ids.parseUuid(id)
            .flatMap(uuid -> writes.read(handle -> kind.noun().find(handle, request, uuid)))
            .orElseThrow(() -> noResource(kind, id));
    request.enforce(Noun.target(row));
    return row;
  }

  /** Tags mean nothing to the engine; the resource's revision advances if they change. */
  private void change(ApiRequest request, Kind kind, ObjectNode row, Consumer<Set<String>> change) {
    UUID id = UUID.fromString(row.path("id").asString());
    writes.run(
        request.context().requestId(),
        write -> {
          Set<String> before =
              TagStore.lock(write.handle(), kind.noun().table(), id)
                  .orElseThrow(() -> noResource(kind, id.toString()));
          Set<String> after = new LinkedHashSet<>(before);
          change.accept(after);
          if (after.size() > MAX_TAGS) {
            throw Errors.badRequest(
                "BadRequest",
                "Bad %s request: The number of tags exceed the per-resource limit of %d."
                    .formatted(kind.collection(), MAX_TAGS));
          }
          if (!after.equals(before)) {
            TagStore.update(write.handle(), kind.noun().table(), id, new ArrayList<>(after));
            write.updated(kind.noun(), kind.noun().get(write.handle(), id));
          }
          return after;
        });
  }

  private static ApiResponse answer(Set<String> tags) {
    ObjectNode body = Json.object();
    ArrayNode array = body.putArray("tags");
    tags.forEach(array::add);
    return ApiResponse.ok(body);
  }
}
