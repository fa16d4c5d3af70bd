package cloud.lastmile.platform.resource;

import cloud.lastmile.platform.core.ApiException;
import tools.jackson.databind.JsonNode;

/** Turns what the client said of an attribute into what is kept. */
@FunctionalInterface
public interface Converter {
  /**
   * @param name the attribute's
   * @throws ApiException bad request with the reason, in the service's words
   */
  JsonNode convert(String name, JsonNode value);
}
