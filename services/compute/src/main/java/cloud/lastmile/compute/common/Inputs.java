package cloud.lastmile.compute.common;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.Fields;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** The kinds of values that the Compute API's bodies and queries share. */
public final class Inputs {
  private static final Pattern METADATA_KEY = Pattern.compile("[a-zA-Z0-9-_:. ]{1,255}");
  private static final Pattern TAG = Pattern.compile("[^,/]{1,60}");
  private static final Pattern HOSTNAME =
      Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9-]{0,61}[a-zA-Z0-9]");
  public static final int MAX_TAGS = 50;

  private Inputs() {}

  /** A name: 1 to 255 printable characters with no space at either end. */
  public static String name(Fields.Value value) {
    String name = value.text(1, 255);
    if (!name.strip().equals(name) || !isPrintable(name)) {
      throw value.invalid(
          "'" + name + "' does not match: printable characters without spaces at the ends");
    }
    return name;
  }

  public static String description(Fields.Value value, int max) {
    String text = value.text(0, max);
    if (!isPrintable(text)) {
      throw value.invalid("it contains characters that are not printable");
    }
    return text;
  }

  public static boolean isPrintable(String text) {
    return text.codePoints()
        .noneMatch(c ->
            switch (Character.getType(c)) {
              case Character.CONTROL,
                  Character.SURROGATE,
                  Character.UNASSIGNED,
                  Character.LINE_SEPARATOR,
                  Character.PARAGRAPH_SEPARATOR ->
                  true;
              default -> false;
            });
  }

  public static String hostname(Fields.Value value) {
    String hostname = value.text(2, 63);
    if (!HOSTNAME.matcher(hostname).matches()) {
      throw value.invalid("'" + hostname + "' is not a host name");
    }
    return hostname;
  }

  /** Metadata: keys of a small alphabet, values of up to 255 characters. */
  public static Map<String, String> metadata(Fields.Value value) {
    Fields fields = value.object();
    Map<String, String> metadata = new LinkedHashMap<>();
    for (String key : fields.node().propertyNames()) {
      metadataKey(value, key);
      metadata.put(key, fields.string(key, 0, 255));
    }
    return metadata;
  }

  public static void metadataKey(Fields.Value value, String key) {
    if (!METADATA_KEY.matcher(key).matches()) {
      throw value.invalid(
          "'" + key + "' does not match any of the regexes: '^[a-zA-Z0-9-_:. ]{1,255}$'");
    }
  }

  public static String tag(Fields.Value value) {
    String tag = value.text(1, 60);
    if (!TAG.matcher(tag).matches()) {
      throw value.invalid("'" + tag + "' does not match '^[^,/]*$'");
    }
    return tag;
  }

  public static List<String> tags(Fields.Value value) {
    List<Fields.Value> values = value.values();
    if (values.size() > MAX_TAGS) {
      throw value.invalid("it has more than " + MAX_TAGS + " tags");
    }
    return values.stream().map(Inputs::tag).distinct().toList();
  }

  /** A reference as an id or as a URL that ends with one. */
  public static String idOf(String reference) {
    return reference.substring(reference.lastIndexOf('/') + 1);
  }

  /** From 2.75 on, parameters that nobody knows are refused. */
  public static void rejectUnknownQuery(ApiRequest request, Set<String> known) {
    if (!request.atLeast("2.75")) {
      return;
    }
    for (String name : request.query().keySet()) {
      if (!known.contains(name)) {
        throw ApiException.badRequest(
            "Invalid input for query parameters "
                + name
                + ". Additional properties are not allowed ('"
                + name
                + "' was unexpected)");
      }
    }
  }

  /** A whole number in the query; a bad one is refused with nova's words. */
  public static Optional<Integer> integer(ApiRequest request, String name) {
    Optional<String> text = request.query(name);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    if (!text.get().strip().matches("-?\\d{1,9}")) {
      throw ApiException.badRequest("Invalid " + name + " filter [" + text.get() + "]");
    }
    return Optional.of(Integer.parseInt(text.get().strip()));
  }

  /** Python's {@code bool_from_string}, not strict. */
  public static boolean isTrue(String text) {
    return switch (text.strip().toLowerCase(java.util.Locale.ROOT)) {
      case "1", "t", "true", "on", "y", "yes" -> true;
      default -> false;
    };
  }

  public static boolean isFalse(String text) {
    return switch (text.strip().toLowerCase(java.util.Locale.ROOT)) {
      case "0", "f", "false", "off", "n", "no" -> true;
      default -> false;
    };
  }
}
