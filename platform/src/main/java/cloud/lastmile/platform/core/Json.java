package cloud.lastmile.platform.core;

import java.util.Collection;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The one JSON mapper: strict about hostile input, the same for API, jobs and configuration. */
public final class Json {
  /** Deeper than any API's document and far from the stack's end. */
  private static final int MAX_DEPTH = 64;

  /**
   * Databases write numbers without exponents, the largest with 309 digits, the smallest with 343:
   * what was kept must be readable.
   */
  private static final int MAX_NUMBER_LENGTH = 500;

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxNumberLength(MAX_NUMBER_LENGTH)
                          .build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private Json() {}

  public static JsonMapper mapper() {
    return MAPPER;
  }

  public static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  public static ArrayNode array() {
    return JsonNodeFactory.instance.arrayNode();
  }

  /** An array of strings. */
  public static ArrayNode strings(Collection<String> values) {
    ArrayNode array = array();
    values.forEach(array::add);
    return array;
  }

  /**
   * Reads what a client sent.
   *
   * @throws ApiException bad request if it is not one well-formed JSON value in UTF-8
   */
  public static JsonNode parse(byte[] bytes) {
    try {
      JsonNode node = MAPPER.readTree(bytes);
      if (!node.isMissingNode()) {
        return node;
      }
    } catch (JacksonException malformed) {
      throw ApiException.badRequest(
          "The server could not comply with the request since it is either malformed or otherwise"
              + " incorrect: "
              + reason(malformed));
    }
    throw ApiException.badRequest("The request has no body; JSON was expected.");
  }

  private static String reason(JacksonException malformed) {
    String message = malformed.getOriginalMessage();
    return message.length() > 200 ? message.substring(0, 200) : message;
  }
}
