package cloud.lastmile.placement.common;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Pattern;

/** The resource classes and traits that every OpenStack cloud knows. */
public final class StandardNames {
  /** In the order of their introduction, which is the order in which the API lists them. */
  public static final Set<String> RESOURCE_CLASSES = load("standard-resource-classes.txt");

  public static final Set<String> TRAITS = load("standard-traits.txt");

  public static final Pattern FORM = Pattern.compile("[A-Z0-9_]+");
  static final Pattern CUSTOM = Pattern.compile("CUSTOM_[A-Z0-9_]+");
  public static final int MAX_LENGTH = 255;

  private StandardNames() {}

  public static boolean isCustom(String name) {
    return name.length() <= MAX_LENGTH && CUSTOM.matcher(name).matches();
  }

  /**
   * For names that a program, not a client, gives.
   *
   * @throws IllegalArgumentException if it is neither standard nor custom
   */
  public static void requireResourceClass(String name) {
    if (!RESOURCE_CLASSES.contains(name) && !isCustom(name)) {
      throw new IllegalArgumentException("unknown resource class " + name);
    }
  }

  private static Set<String> load(String resource) {
    try (InputStream input = StandardNames.class.getResourceAsStream(resource)) {
      if (input == null) {
        throw new IllegalStateException(resource + " is missing");
      }
      String text = new String(input.readAllBytes(), StandardCharsets.UTF_8);
      return Collections.unmodifiableSet(new LinkedHashSet<>(text.lines().toList()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
