package cloud.lastmile.network.common;

import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.policy.PolicyRule;
import cloud.lastmile.platform.resource.Attribute;
import cloud.lastmile.platform.resource.Column;
import cloud.lastmile.platform.resource.Noun;
import cloud.lastmile.platform.resource.NounBuilder;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.List;

/** The nouns of the Networking API, with the attributes that all of them have. */
public final class Standard {
  /** That the network, or what is acted on, is everybody's to use. */
  public static final String SHARED = "'True':%(shared)s";

  /** That the network leads to the outside. */
  public static final String EXTERNAL = "'True':%(router:external)s";

  private Standard() {}

  /**
   * A noun whose rules are those of most: its project's readers see it, its members change it.
   *
   * @param from the table under the alias {@code r}, with joins that keep one row per resource
   */
  public static NounBuilder noun(String singular, String plural, String from) {
    return noun(
        singular,
        plural,
        from,
        new Noun.Rules(
            PolicyRule.reader("get_" + singular),
            PolicyRule.member("create_" + singular),
            PolicyRule.member("update_" + singular),
            PolicyRule.member("delete_" + singular)));
  }

  public static NounBuilder noun(String singular, String plural, String from, Noun.Rules rules) {
    return Noun.of(NetworkDialect.INSTANCE, singular, plural, from, rules)
        .has(Attribute.shown(Column.uuid("id")))
        .touching("revision = r.revision + 1, updated_at = now()")
        .filter("changed_since", Standard::changedSince);
  }

  /** The standard attributes but tags, with this description. */
  public static List<Attribute> attributes(Attribute description) {
    return List.of(
        Attribute.of(Column.text("tenant_id", "r.project_id"), Converters.text(255)).createOnly(),
        Attribute.of(Column.text("project_id"), Converters.text(255)).createOnly().notStored(),
        description,
        Attribute.shown(Column.timestamp("created_at")),
        Attribute.shown(Column.timestamp("updated_at")),
        Attribute.shown(Column.integer("revision_number", "r.revision")));
  }

  public static Attribute description() {
    return Attribute.of(Column.text("description"), Converters.nullAsEmpty(Converters.text(255)))
        .absent("");
  }

  /** All standard attributes, tags too, with their filters. */
  public static NounBuilder tagged(NounBuilder noun) {
    return noun.has(Attribute.shown(Column.json("tags", "to_json(r.tags)")))
        .has(attributes(description()))
        .filter("tags", tags -> tagCondition("r.tags @> %s", tags))
        .filter("tags-any", tags -> tagCondition("r.tags && %s", tags))
        .filter("not-tags", tags -> tagCondition("NOT r.tags @> %s", tags))
        .filter("not-tags-any", tags -> tagCondition("NOT r.tags && %s", tags));
  }

  private static Condition tagCondition(String form, List<String> values) {
    return Condition.of(form.formatted("string_to_array({}, ',')"), String.join(",", values));
  }

  private static Condition changedSince(List<String> values) {
    try {
      OffsetDateTime since = OffsetDateTime.parse(values.getFirst());
      return Condition.of("r.updated_at >= CAST({} AS timestamptz)", since.toString());
    } catch (DateTimeParseException e) {
      throw Errors.invalidInput(
          "The input changed_since must be in the following format: YYYY-MM-DDTHH:MM:SSZ");
    }
  }
}
