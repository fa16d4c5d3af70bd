package cloud.lastmile.identity.limit;

import cloud.lastmile.identity.common.Attributes;
import cloud.lastmile.platform.http.Fields;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What requests about limits of both kinds say. */
final class LimitFields {
  private static final int MAX_DESCRIPTION = 65_535;

  private LimitFields() {}

  static String serviceId(Fields fields) {
    fields.required("service_id");
    return Attributes.id(fields, "service_id")
        .orElseThrow(() -> fields.invalid("service_id", "None is not of type 'string'"));
  }

  /** Empty if it is left out or null. */
  static Optional<String> regionId(Fields fields) {
    return Attributes.text(fields, "region_id", 255);
  }

  static String resourceName(Fields fields) {
    return fields.string("resource_name", 1, 255);
  }

  static long amount(Fields fields, String name) {
    Fields.Value value = fields.required(name);
    if (value.isString()) {
      throw value.invalid("'" + value.node().asString() + "' is not of type 'integer'");
    }
    return value.integer(-1, Integer.MAX_VALUE);
  }

  static @Nullable String description(Fields fields, @Nullable String absent) {
    return fields.isNull("description")
        ? null
        : Attributes.text(fields, "description", MAX_DESCRIPTION).orElse(absent);
  }

  /** Each of the body's list {@code key}, of which there must be at least one. */
  static <T> List<T> each(Fields body, String key, Function<Fields, T> read) {
    Fields.Value list = body.required(key);
    List<T> all = new ArrayList<>();
    for (Fields.Value item : list.values()) {
      Fields fields = item.object();
      all.add(read.apply(fields));
      fields.rejectUnknown();
    }
    if (all.isEmpty()) {
      throw list.invalid("[] is too short");
    }
    body.rejectUnknown();
    return all;
  }
}
