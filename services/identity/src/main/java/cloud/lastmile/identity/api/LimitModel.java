package cloud.lastmile.identity.api;

import java.util.Arrays;

/** How the limits of domains and of the projects in them have to do with each other. */
public enum LimitModel {
  /** Nothing. */
  FLAT(
      "flat",
      "Limit enforcement and validation does not take project hierarchy into consideration.",
      Integer.MAX_VALUE),
  /** No project's limit may be above its domain's, nor all their use together. */
  STRICT_TWO_LEVEL(
      "strict_two_level", "This model requires project hierarchy never exceeds a depth of two", 2);

  private final String text;
  private final String description;
  private final int maxTreeDepth;

  LimitModel(String text, String description, int maxTreeDepth) {
    this.text = text;
    this.description = description;
    this.maxTreeDepth = maxTreeDepth;
  }

  /** As the reference names it; also in the configuration. */
  public String text() {
    return text;
  }

  public String description() {
    return description;
  }

  /** Levels that projects may have below each other in a domain. */
  public int maxTreeDepth() {
    return maxTreeDepth;
  }

  /**
   * @throws IllegalArgumentException if there is no such model
   */
  public static LimitModel parse(String text) {
    return Arrays.stream(values())
        .filter(model -> model.text.equals(text))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "limit_model: " + text + " is none of flat, strict_two_level"));
  }
}
