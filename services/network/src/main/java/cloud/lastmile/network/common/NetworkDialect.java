package cloud.lastmile.network.common;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Timestamps;
import cloud.lastmile.platform.database.ListDialect;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.policy.PolicyRule;
import cloud.lastmile.platform.policy.QuotaExceeded;
import cloud.lastmile.platform.resource.Dialect;
import cloud.lastmile.platform.resource.Noun;
import cloud.lastmile.platform.resource.Page;
import cloud.lastmile.platform.resource.Values;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** How the Networking API words and shapes what all its nouns have in common. */
public final class NetworkDialect implements Dialect {
  /** Sees every project's resources. */
  public static final PolicyRule CONTEXT_IS_ADMIN =
      new PolicyRule("context_is_admin", PolicyRule.ADMIN);

  public static final NetworkDialect INSTANCE = new NetworkDialect();

  /** The reference has no such bound but its quotas, which an administrator may have lifted. */
  public static final int MAX_BULK = 1_000;

  private NetworkDialect() {}

  @Override
  public String service() {
    return "network";
  }

  @Override
  public boolean seesAll(ApiRequest request) {
    return request.allows(CONTEXT_IS_ADMIN);
  }

  @Override
  public List<JsonNode> toCreate(ApiRequest request, Noun noun) {
    JsonNode json = request.json();
    if (!json.isObject()) {
      throw bad("Body contains invalid data");
    }
    if (!isBulk(request, noun)) {
      return List.of(single(json, noun));
    }
    JsonNode items = json.path(noun.plural());
    if (!items.isArray() || items.isEmpty()) {
      throw bad("Resources required");
    }
    if (items.size() > MAX_BULK) {
      throw bad(
          "At most %d %s can be created by one request, not %d."
              .formatted(MAX_BULK, noun.plural(), items.size()));
    }
    List<JsonNode> bodies = new ArrayList<>();
    for (JsonNode item : items) {
      // Clients wrap each one, or do not.
      bodies.add(item.has(noun.singular()) ? item.path(noun.singular()) : item);
    }
    return bodies;
  }

  @Override
  public boolean isBulk(ApiRequest request, Noun noun) {
    return request.json().has(noun.plural());
  }

  @Override
  public JsonNode toUpdate(ApiRequest request, Noun noun) {
    return single(request.json(), noun);
  }

  private static JsonNode single(JsonNode json, Noun noun) {
    if (!json.has(noun.singular())) {
      throw bad("Unable to find '" + noun.singular() + "' in request body");
    }
    return json.path(noun.singular());
  }

  @Override
  public String owner(ApiRequest request, Values values) {
    String asked =
        values.optionalText("project_id").or(() -> values.optionalText("tenant_id")).orElse("");
    if (asked.isEmpty()) {
      return request.caller().requireProjectId();
    }
    boolean own = request.caller().projectId().filter(asked::equals).isPresent();
    if (!own && !seesAll(request)) {
      throw bad(
          "Specifying 'project_id' or 'tenant_id' other than the authenticated project in request"
              + " requires admin privileges");
    }
    return asked;
  }

  @Override
  public ApiException notAnObject(String noun) {
    return bad("Object '" + noun + "' contains invalid data");
  }

  @Override
  public ApiException required(String attribute) {
    return bad("Failed to parse request. Required attribute '" + attribute + "' not specified");
  }

  @Override
  public ApiException notToBeCreatedWith(String attribute) {
    return bad("Attribute '" + attribute + "' not allowed in POST");
  }

  @Override
  public ApiException notToBeUpdated(String attribute) {
    return bad("Cannot update read-only attribute " + attribute);
  }

  @Override
  public ApiException unknown(Set<String> attributes) {
    return bad("Unrecognized attribute(s) '" + String.join(", ", attributes) + "'");
  }

  @Override
  public ApiException overQuota(QuotaExceeded exceeded) {
    String resources =
        exceeded.excesses().stream()
            .map(excess -> "'" + excess.resource() + "'")
            .collect(Collectors.joining(", "));
    return Errors.conflict("OverQuota", "Quota exceeded for resources: [" + resources + "].");
  }

  private static ApiException bad(String message) {
    return Errors.badRequest("HTTPBadRequest", message);
  }

  @Override
  public String time(Instant moment) {
    return Timestamps.seconds(moment);
  }

  @Override
  public ListDialect list(ApiRequest request) {
    return PageLinks.dialect(request);
  }

  @Override
  public boolean isReadAtOnce(ApiRequest request) {
    return PageLinks.isBackwards(request);
  }

  @Override
  public String afterRows(ApiRequest request, Noun noun, Page page) {
    JsonNode links = PageLinks.of(request, page);
    return links.isEmpty() ? "" : ",\"" + noun.plural() + "_links\":" + links;
  }
}
