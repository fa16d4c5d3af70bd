package cloud.lastmile.platform.resource;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.database.Condition;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Collects what a noun is. */
public final class NounBuilder {
  final Dialect dialect;
  final String singular;
  final String plural;
  final String from;
  final Map<String, Attribute> attributes = new LinkedHashMap<>();
  final Map<String, Function<List<String>, Condition>> filters = new HashMap<>();
  final Map<String, Function<Values, ApiException>> violations = new HashMap<>();
  final Noun.Rules rules;
  String path;
  String touch = "";
  Function<String, Condition> visible = project -> Condition.of("r.project_id = {}", project);
  Function<String, ApiException> missing =
      _ -> ApiException.notFound("The resource could not be found.");

  NounBuilder(Dialect dialect, String singular, String plural, String from, Noun.Rules rules) {
    this.dialect = dialect;
    this.singular = singular;
    this.plural = plural;
    this.path = "/" + plural;
    this.from = from;
    this.rules = rules;
  }

  /** In the order in which they are shown. The first one is the id. */
  public NounBuilder has(Attribute... more) {
    return has(List.of(more));
  }

  public NounBuilder has(List<Attribute> more) {
    for (Attribute attribute : more) {
      if (attributes.put(attribute.name(), attribute) != null) {
        throw new IllegalArgumentException(singular + " has two attributes " + attribute.name());
      }
    }
    return this;
  }

  /** Of its collection, if that is not its plural. */
  public NounBuilder path(String ofCollection) {
    path = ofCollection;
    return this;
  }

  /** Assignments that every update makes: {@code revision = r.revision + 1}. */
  public NounBuilder touching(String assignments) {
    touch = assignments;
    return this;
  }

  /** A filter of lists that is no column's. */
  public NounBuilder filter(String name, Function<List<String>, Condition> condition) {
    filters.put(name, condition);
    return this;
  }

  /** Which rows a caller of this project sees who does not see all. */
  public NounBuilder visible(Function<String, Condition> condition) {
    visible = condition;
    return this;
  }

  /** The error for an id that is not there, or not for the caller. */
  public NounBuilder missing(Function<String, ApiException> error) {
    missing = error;
    return this;
  }

  /**
   * The error when an insert, update or delete violates this constraint.
   *
   * @param error of what was to be written; of a delete, that is nothing
   */
  public NounBuilder violating(String constraint, Function<Values, ApiException> error) {
    violations.put(constraint, error);
    return this;
  }

  public Noun build() {
    return new Noun(this);
  }
}
