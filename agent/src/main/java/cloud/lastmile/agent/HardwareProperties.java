package cloud.lastmile.agent;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Image properties, read as the types they have. What is wrong is refused with its name. */
final class HardwareProperties {
  private static final Set<String> YES = Set.of("1", "t", "true", "on", "y", "yes");
  private static final Set<String> NO = Set.of("0", "f", "false", "off", "n", "no");

  private final Map<String, String> properties;

  HardwareProperties(Map<String, String> properties) {
    this.properties = properties;
  }

  Optional<String> text(String key) {
    return Optional.ofNullable(properties.get(key));
  }

  /** One of an enumeration's constants, in lower case and mostly with hyphens. */
  <E extends Enum<E>> Optional<E> choice(String key, Class<E> type) throws HostException {
    Optional<String> value = text(key);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    for (E constant : type.getEnumConstants()) {
      if (name(constant).equalsIgnoreCase(value.get())) {
        return Optional.of(constant);
      }
    }
    String supported =
        Arrays.stream(type.getEnumConstants())
            .map(HardwareProperties::name)
            .collect(Collectors.joining(", "));
    throw unsupported(key, value.get(), supported);
  }

  private static String name(Enum<?> constant) {
    String name = constant.name().toLowerCase(Locale.ROOT);
    return name.equals("ne2k_pci") ? name : name.replace("_", "-");
  }

  void only(String key, String... supported) throws HostException {
    Optional<String> value = text(key);
    if (value.isPresent()
        && Arrays.stream(supported).noneMatch(one -> one.equalsIgnoreCase(value.get()))) {
      throw unsupported(key, value.get(), String.join(", ", supported));
    }
  }

  boolean isTrue(String key) throws HostException {
    return flag(key).orElse(false);
  }

  Optional<Boolean> flag(String key) throws HostException {
    Optional<String> value = text(key).map(text -> text.strip().toLowerCase(Locale.ROOT));
    if (value.isEmpty()) {
      return Optional.empty();
    }
    if (!YES.contains(value.get()) && !NO.contains(value.get())) {
      throw unsupported(key, value.get(), "true, false");
    }
    return value.map(YES::contains);
  }

  /** A number, 0 if the property is not there. */
  int number(String key, int least, int most) throws HostException {
    Optional<String> value = text(key).map(String::strip);
    if (value.isEmpty()) {
      return 0;
    }
    if (value.get().matches("[0-9]{1,9}")) {
      int number = Integer.parseInt(value.get());
      if (number >= least && number <= most) {
        return number;
      }
    }
    throw unsupported(key, value.get(), "a number from " + least + " to " + most);
  }

  static HostException unsupported(String key, String value, String supported) {
    return new HostException(
        "the value %s of %s is not supported; supported: %s".formatted(value, key, supported),
        false);
  }
}
