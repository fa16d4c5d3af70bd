package cloud.lastmile.platform.resource;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.database.ListDialect;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.policy.QuotaExceeded;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * What all nouns of one service have in common and no other service has: its words and its shapes.
 * One object a service.
 */
public interface Dialect {
  /** The service's name, as events bear it: {@code network}. */
  String service();

  /** Whether the caller sees every project's resources. */
  boolean seesAll(ApiRequest request);

  /** The project that asks; empty if the caller sees every project's resources. */
  default Optional<String> visibleTo(ApiRequest request) {
    return seesAll(request)
        ? Optional.empty()
        : Optional.of(request.caller().projectId().orElse(""));
  }

  /**
   * What a create wants made, one object for each; at least one.
   *
   * @throws ApiException bad request for a body in another shape, or with too many
   */
  List<JsonNode> toCreate(ApiRequest request, Noun noun);

  /** Whether a create asked for many, and is answered with a list. */
  boolean isBulk(ApiRequest request, Noun noun);

  /**
   * What an update says.
   *
   * @throws ApiException bad request for a body in another shape
   */
  JsonNode toUpdate(ApiRequest request, Noun noun);

  /**
   * Whose a new resource will be.
   *
   * @throws ApiException if the caller may not make it for the one it names
   */
  String owner(ApiRequest request, Values values);

  /** The noun's value in a body is none that has attributes. */
  ApiException notAnObject(String noun);

  /** A create leaves out what it must say. */
  ApiException required(String attribute);

  /** A create says what only the service says. */
  ApiException notToBeCreatedWith(String attribute);

  /** An update says what cannot be changed. */
  ApiException notToBeUpdated(String attribute);

  /** A body says what nobody knows. */
  ApiException unknown(Set<String> attributes);

  ApiException overQuota(QuotaExceeded exceeded);

  /** A moment as it is shown. */
  String time(Instant moment);

  /** How this request's list is limited. */
  ListDialect list(ApiRequest request);

  /** Whether a list is so short by its nature, or so hard to cut, that it is read at once. */
  boolean isReadAtOnce(ApiRequest request);

  /** What follows the rows in a list's object: JSON that begins with a comma, or nothing. */
  String afterRows(ApiRequest request, Noun noun, Page page);
}
