package cloud.lastmile.network.common;

import tools.jackson.databind.JsonNode;

/** There are no availability zones of networks: whoever asks for one is told so. */
public final class ZoneHints {
  private ZoneHints() {}

  public static JsonNode none(String name, JsonNode value) {
    JsonNode hints = Converters.list(Converters.text(255)).convert(name, value);
    if (!hints.isEmpty()) {
      throw Errors.notFound(
          "AvailabilityZoneNotFound",
          "AvailabilityZone " + hints.get(0).asString() + " could not be found.");
    }
    return hints;
  }
}
