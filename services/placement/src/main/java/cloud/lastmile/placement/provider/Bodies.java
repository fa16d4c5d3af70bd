package cloud.lastmile.placement.provider;

import cloud.lastmile.placement.common.StandardNames;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.ApiException.Kind;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.Fields;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** Reads bodies and queries as strictly as the reference's schemas do. */
public final class Bodies {
  private static final String JSON = "application/json";

  private Bodies() {}

  /** The body, which must be sent as JSON and be an object. */
  public static Fields object(ApiRequest request) {
    requireJson(request);
    return request.body();
  }

  /** The body, whatever JSON it is. */
  static JsonNode any(ApiRequest request) {
    requireJson(request);
    return request.json();
  }

  private static void requireJson(ApiRequest request) {
    String type =
        request.header("Content-Type").orElse("").split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    if (type.isEmpty()) {
      throw ApiException.badRequest("content-type header required");
    }
    if (!type.equals(JSON)) {
      throw ApiException.of(
          Kind.UNSUPPORTED_MEDIA_TYPE, "The media type " + type + " is not supported, use " + JSON);
    }
  }

  /** A number that is not written as a string. */
  public static long integer(Fields fields, String name, long min, long max) {
    return strict(fields.required(name), min, max);
  }

  public static long integer(Fields fields, String name, long min, long max, long absent) {
    return fields.has(name) ? integer(fields, name, min, max) : absent;
  }

  public static long strict(Fields.Value value, long min, long max) {
    if (!value.node().isIntegralNumber()) {
      throw value.invalid(value.node() + " is not of type 'integer'");
    }
    return value.integer(min, max);
  }

  public static int generation(Fields fields) {
    return (int)
        integer(fields, "resource_provider_generation", Integer.MIN_VALUE, Integer.MAX_VALUE);
  }

  /** A text of a fixed form, such as a resource class. */
  public static Optional<String> named(String text) {
    return text.length() <= StandardNames.MAX_LENGTH && StandardNames.FORM.matcher(text).matches()
        ? Optional.of(text)
        : Optional.empty();
  }

  /** Refuses query parameters that the route does not have at this microversion. */
  public static void requireQuery(ApiRequest request, Set<String> known) {
    for (String name : request.query().keySet()) {
      if (!known.contains(name)) {
        throw ProviderQuery.badQuery(
            "Additional properties are not allowed ('" + name + "' was unexpected)");
      }
    }
  }
}
