package cloud.lastmile.compute.hardware;

import cloud.lastmile.platform.core.ApiException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What {@code img_hv_requested_version} asks of the hypervisor's version: {@code >=6.0,<8}, all of
 * which must hold.
 */
record VersionPredicate(List<Part> parts) {
  private static final Pattern PART =
      Pattern.compile(
          "\\s*(<=|>=|<|>|==|!=)\\s*([0-9]{1,3})(?:\\.([0-9]{1,3}))?(?:\\.([0-9]{1,3}))?\\s*");

  private record Part(String operator, int version) {

    boolean holds(int actual) {
      int order = Integer.compare(actual, version);
      return switch (operator) {
        case "<" -> order < 0;
        case "<=" -> order <= 0;
        case ">" -> order > 0;
        case ">=" -> order >= 0;
        case "==" -> order == 0;
        default -> order != 0;
      };
    }
  }

  /**
   * @throws ApiException bad request if the text is no predicate
   */
  static VersionPredicate parse(String text) {
    List<Part> parts = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      Matcher matcher = PART.matcher(part);
      if (!matcher.matches()) {
        throw ApiException.badRequest(
            "Invalid image metadata. Error: Invalid version predicate in"
                + " img_hv_requested_version: "
                + text);
      }
      int version =
          number(matcher.group(2)) * 1_000_000
              + number(matcher.group(3)) * 1_000
              + number(matcher.group(4));
      parts.add(new Part(matcher.group(1), version));
    }
    return new VersionPredicate(List.copyOf(parts));
  }

  private static int number(@Nullable String digits) {
    return digits == null ? 0 : Integer.parseInt(digits);
  }

  /**
   * @param version as {@code HostFacts} has it, 7.2.0 is 7002000
   */
  boolean holds(int version) {
    return parts.stream().allMatch(part -> part.holds(version));
  }
}
