package cloud.lastmile.platform.resource;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Timestamps;
import cloud.lastmile.platform.database.ListDialect;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.policy.QuotaExceeded;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** Another one than any service's: bodies without an envelope, lists with a count. */
final class PlainDialect implements Dialect {

  @Override
  public String service() {
    return "toy";
  }

  @Override
  public boolean seesAll(ApiRequest request) {
    return request.caller().hasRole("admin");
  }

  @Override
  public List<JsonNode> toCreate(ApiRequest request, Noun noun) {
    return List.of(request.json());
  }

  @Override
  public boolean isBulk(ApiRequest request, Noun noun) {
    return false;
  }

  @Override
  public JsonNode toUpdate(ApiRequest request, Noun noun) {
    return request.json();
  }

  @Override
  public String owner(ApiRequest request, Values values) {
    return request.caller().requireProjectId();
  }

  @Override
  public ApiException notAnObject(String noun) {
    return ApiException.badRequest("A " + noun + " is an object.");
  }

  @Override
  public ApiException required(String attribute) {
    return ApiException.badRequest(attribute + " is missing.");
  }

  @Override
  public ApiException notToBeCreatedWith(String attribute) {
    return ApiException.badRequest(attribute + " is not yours to say.");
  }

  @Override
  public ApiException notToBeUpdated(String attribute) {
    return ApiException.badRequest(attribute + " stays.");
  }

  @Override
  public ApiException unknown(Set<String> attributes) {
    return ApiException.badRequest("What are " + attributes + "?");
  }

  @Override
  public ApiException overQuota(QuotaExceeded exceeded) {
    return ApiException.forbidden("Enough.");
  }

  @Override
  public String time(Instant moment) {
    return Timestamps.seconds(moment);
  }

  @Override
  public ListDialect list(ApiRequest request) {
    return ListDialect.unlimited();
  }

  @Override
  public boolean isReadAtOnce(ApiRequest request) {
    return false;
  }

  @Override
  public String afterRows(ApiRequest request, Noun noun, Page page) {
    return ",\"count\":" + page.count();
  }
}
