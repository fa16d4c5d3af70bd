package cloud.lastmile.platform.resource;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.ListDialect;
import cloud.lastmile.platform.database.ListQuery;
import cloud.lastmile.platform.database.Sql;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.policy.PolicyRule;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a noun is, described once: its names, its table, its attributes, who may do what with it,
 * and its faults. From that follow how bodies are read, what SQL is run, and what clients see. Rows
 * become the JSON that clients see, without a stop between.
 *
 * <p>Columns of every table: {@code id}, a UUID, and {@code project_id}.
 */
public final class Noun {
  /** Attributes that policy checks may ask for and clients never see begin with this. */
  private static final String HIDDEN = "_";

  private final Dialect dialect;
  private final String singular;
  private final String plural;
  private final String path;
  private final String from;
  private final String touch;
  private final Rules rules;
  private final Map<String, Attribute> attributes;
  private final List<Column> columns;
  private final Function<String, Condition> visible;
  private final Function<String, ApiException> missing;
  private final Map<String, Function<Values, ApiException>> violations;
  private final Bodies bodies;
  private final ListQuery<ObjectNode> list;
  private final Sql get;

  Noun(NounBuilder builder) {
    this.dialect = builder.dialect;
    this.singular = builder.singular;
    this.plural = builder.plural;
    this.path = builder.path;
    this.from = builder.from;
    this.touch = builder.touch;
    this.rules = builder.rules;
    this.attributes = Map.copyOf(builder.attributes);
    this.columns =
        builder.attributes.values().stream().flatMap(one -> one.column().stream()).toList();
    this.visible = builder.visible;
    this.missing = builder.missing;
    this.violations = Map.copyOf(builder.violations);
    this.bodies = new Bodies(singular, dialect, withoutHidden(builder.attributes));
    this.list = listQuery(builder.filters);
    this.get =
        Sql.of(
            "SELECT %s FROM %s WHERE %s = :id"
                .formatted(select(columns), from, columns.getFirst().sql()));
  }

  /** What clients may know of, be it to say or to see. */
  private static Map<String, Attribute> withoutHidden(Map<String, Attribute> attributes) {
    Map<String, Attribute> known = new LinkedHashMap<>(attributes);
    known.keySet().removeIf(name -> name.startsWith(HIDDEN));
    return known;
  }

  /**
   * Who may do what with it, beyond the rules of single attributes.
   *
   * @param update empty for what is never changed
   */
  public record Rules(
      PolicyRule get, PolicyRule create, Optional<PolicyRule> update, PolicyRule delete) {
    public Rules(PolicyRule get, PolicyRule create, PolicyRule update, PolicyRule delete) {
      this(get, create, Optional.of(update), delete);
    }
  }

  /**
   * @param from the table under the alias {@code r}, with joins that keep one row per resource
   */
  public static NounBuilder of(
      Dialect dialect, String singular, String plural, String from, Rules rules) {
    return new NounBuilder(dialect, singular, plural, from, rules);
  }

  private ListQuery<ObjectNode> listQuery(Map<String, Function<List<String>, Condition>> filters) {
    ListQuery<ObjectNode> query =
        ListQuery.of(from, select(columns), (row, _) -> read(row, columns));
    for (Column column : columns) {
      if (column.filter() && !column.name().startsWith(HIDDEN)) {
        query = query.column(column.listColumn());
      }
    }
    for (Map.Entry<String, Function<List<String>, Condition>> filter : filters.entrySet()) {
      query = query.filter(filter.getKey(), filter.getValue());
    }
    return query;
  }

  public Dialect dialect() {
    return dialect;
  }

  public String singular() {
    return singular;
  }

  public String plural() {
    return plural;
  }

  /** Of its collection, below the service's version. */
  public String path() {
    return path;
  }

  public Rules rules() {
    return rules;
  }

  /** Of creates and updates. */
  Bodies bodies() {
    return bodies;
  }

  /** Reads what is said of a new one, with defaults for what is not. */
  public Values toCreate(JsonNode said) {
    return bodies.create(said);
  }

  private static String select(List<Column> columns) {
    StringJoiner select = new StringJoiner(", ");
    columns.forEach(column -> select.add(column.sql()));
    return select.toString();
  }

  private ObjectNode read(ResultSet row, List<Column> columns) throws SQLException {
    ObjectNode node = Json.object();
    for (int index = 0; index < columns.size(); index++) {
      columns.get(index).read(row, index + 1, dialect, node);
    }
    return node;
  }

  /** The rules of single attributes: who may see them, who may say them. */
  public List<PolicyRule> attributeRules() {
    List<PolicyRule> all = new ArrayList<>(bodies.rules());
    columns.forEach(column -> rule(column).ifPresent(all::add));
    return all;
  }

  private Optional<PolicyRule> rule(Column column) {
    return column
        .check()
        .map(check -> new PolicyRule("get_" + singular + ":" + column.name(), check));
  }

  public ApiException missing(String id) {
    return missing.apply(id);
  }

  /**
   * A row of a list as it is sent; never compared.
   *
   * @param id also where the caller did not ask for it
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Line(String id, byte[] json) {}

  /** What the caller may see and asked to see. */
  ListQuery.Asked<Line> asked(ApiRequest request) {
    List<Column> shown = shown(request);
    List<String> selected = new ArrayList<>(List.of(columns.getFirst().sql()));
    List<Integer> places = new ArrayList<>();
    for (Column column : shown) {
      // Some have the same value under two names.
      if (!selected.contains(column.sql())) {
        selected.add(column.sql());
      }
      places.add(selected.indexOf(column.sql()) + 1);
    }
    ListQuery.Asked<Line> asked =
        list.asked(request.query(), dialect.list(request))
            .selecting(String.join(", ", selected), (row, _) -> line(row, shown, places));
    return dialect
        .visibleTo(request)
        .map(project -> asked.within(visible.apply(project)))
        .orElse(asked);
  }

  /** Written at once: trees of thousands of attributes would be half of a long list's cost. */
  private Line line(ResultSet row, List<Column> shown, List<Integer> places) throws SQLException {
    JsonBytes json = new JsonBytes(2048);
    char before = '{';
    for (int index = 0; index < shown.size(); index++) {
      shown.get(index).write(row, places.get(index), dialect, json.sign(before));
      before = ',';
    }
    if (shown.isEmpty()) {
      json.sign(before);
    }
    return new Line(row.getString(1), json.sign('}').toByteArray());
  }

  /** The resource, if the caller may know of it. */
  public Optional<ObjectNode> find(Handle handle, ApiRequest request, UUID id) {
    return find(handle, dialect.visibleTo(request), id);
  }

  /**
   * @param project empty for every project's
   */
  public Optional<ObjectNode> find(Handle handle, Optional<String> project, UUID id) {
    ListQuery.Asked<ObjectNode> asked =
        list.asked(Map.of(), ListDialect.unlimited())
            .within(Condition.of(columns.getFirst().sql() + " = {}", id));
    if (project.isPresent()) {
      asked = asked.within(visible.apply(project.get()));
    }
    return asked.run(handle).rows().stream().findFirst();
  }

  /** The resource, which was made or locked in this transaction. */
  public ObjectNode get(Handle handle, UUID id) {
    return get.on(handle)
        .bind("id", id)
        .first(this::read)
        .orElseThrow(() -> missing(id.toString()));
  }

  /** Holds the resource, and gives it as it is now, for whoever is about to remove it. */
  public ObjectNode lock(Handle handle, UUID id) {
    return handle
        .createQuery(
            "SELECT %s FROM %s WHERE %s = :id FOR UPDATE OF r"
                .formatted(select(columns), from, columns.getFirst().sql()))
        .bind("id", id)
        .map((row, _) -> read(row, columns))
        .findOne()
        .orElseThrow(() -> missing(id.toString()));
  }

  /** Removes the resource, or says that it is missing: of many who try, one succeeds. */
  public void delete(Handle handle, UUID id) {
    guarded(
        Values.NONE,
        () -> {
          if (handle.execute("DELETE FROM " + table() + " WHERE id = ?", id) != 1) {
            throw missing(id.toString());
          }
          return id;
        });
  }

  /** Its table, with its schema. */
  public String table() {
    return from.substring(0, from.indexOf(' '));
  }

  /** A column with what it is set to. */
  private record Assignment(String column, String form, @Nullable Object value) {}

  private List<Assignment> assignments(Values values) {
    List<Assignment> assignments = new ArrayList<>();
    values
        .nodes()
        .forEach((name, node) -> {
          Optional<Stored> stored =
              Optional.ofNullable(attributes.get(name)).flatMap(Attribute::stored);
          stored.ifPresent(place -> {
            String parameter = ":v" + assignments.size();
            assignments.add(
                new Assignment(place.column(), place.form().formatted(parameter), place.sql(node)));
          });
        });
    return assignments;
  }

  private static Sql.Bound bound(Sql sql, Handle handle, List<Assignment> assignments) {
    Sql.Bound bound = sql.on(handle);
    for (int index = 0; index < assignments.size(); index++) {
      bound.bind("v" + index, assignments.get(index).value());
    }
    return bound;
  }

  /** Inserts what the values say and gives the row; columns of which they say nothing default. */
  public ObjectNode insert(Handle handle, UUID id, String projectId, Values values) {
    List<Assignment> assignments = assignments(values);
    StringJoiner columns = new StringJoiner(", ").add("id").add("project_id");
    StringJoiner forms = new StringJoiner(", ").add(":id").add(":project");
    for (Assignment assignment : assignments) {
      columns.add(assignment.column());
      forms.add(assignment.form());
    }
    String insert = "INSERT INTO %s (%s) VALUES (%s)".formatted(table(), columns, forms);
    Sql sql = returning("inserted", insert);
    return guarded(
        values,
        () ->
            bound(sql, handle, assignments)
                .bind("id", id)
                .bind("project", projectId)
                .one(this::read));
  }

  /** Changes what the values say, and gives the row; what they do not say stays. */
  public ObjectNode update(Handle handle, UUID id, Values values) {
    List<Assignment> assignments = assignments(values);
    StringJoiner set = new StringJoiner(", ");
    for (Assignment assignment : assignments) {
      set.add(assignment.column() + " = " + assignment.form());
    }
    if (!touch.isEmpty()) {
      set.add(touch);
    }
    if (set.length() == 0) {
      return get(handle, id);
    }
    Sql sql = returning("updated", "UPDATE %s r SET %s WHERE r.id = :id".formatted(table(), set));
    return guarded(
        values,
        () ->
            bound(sql, handle, assignments)
                .bind("id", id)
                .first(this::read)
                .orElseThrow(() -> missing(id.toString())));
  }

  private Sql returning(String name, String change) {
    return Sql.of("WITH " + with(name, change));
  }

  /** Reads the noun from what a statement has changed. */
  private String with(String name, String change) {
    return "%s AS (%s RETURNING *) SELECT %s FROM %s"
        .formatted(name, change, select(columns), from.replaceFirst("^\\S+ r\\b", name + " r"));
  }

  private <T> T guarded(Values values, Supplier<T> statement) {
    try {
      return statement.get();
    } catch (RuntimeException failure) {
      Function<Values, ApiException> error =
          Database.violated(failure).map(violations::get).orElse(null);
      throw error == null ? failure : error.apply(values);
    }
  }

  /**
   * A statement that inserts and gives the resource's row, for {@link #read}.
   *
   * @param beside another insert of the same statement, under a name of its own
   * @param insert into the noun's table, without RETURNING
   */
  public Sql inserting(String beside, String insert) {
    return Sql.of("WITH " + beside + ", " + with("inserted", insert));
  }

  /** The resource from a row with the noun's columns. */
  public ObjectNode read(ResultSet row) throws SQLException {
    return read(row, columns);
  }

  /** The id of a row. */
  public UUID id(ObjectNode row) {
    return UUID.fromString(row.path("id").asString());
  }

  /** What of it the caller may see and asked for. */
  public ObjectNode present(ApiRequest request, ObjectNode node) {
    return node.deepCopy().retain(shown(request).stream().map(Column::name).toList());
  }

  private List<Column> shown(ApiRequest request) {
    List<String> fields = request.query().getOrDefault("fields", List.of());
    List<Column> shown = new ArrayList<>();
    for (Column column : columns) {
      boolean asked = fields.isEmpty() || fields.contains(column.name());
      if (asked
          && !column.name().startsWith(HIDDEN)
          && rule(column).filter(rule -> !request.allows(rule)).isEmpty()) {
        shown.add(column);
      }
    }
    return shown;
  }

  /**
   * The resource's attributes for policy checks. Hidden ones lose their mark: {@code
   * _network:project_id} is asked for as {@code network:project_id}.
   */
  public static Map<String, String> target(JsonNode resource) {
    Map<String, String> target = new HashMap<>();
    for (Map.Entry<String, JsonNode> field : resource.properties()) {
      JsonNode value = field.getValue();
      String name = field.getKey();
      if (value.isBoolean()) {
        target.put(plain(name), value.asBoolean() ? "True" : "False");
      } else if (value.isString() || value.isNumber()) {
        target.put(plain(name), value.asString());
      }
    }
    return target;
  }

  private static String plain(String name) {
    return name.startsWith(HIDDEN) ? name.substring(HIDDEN.length()) : name;
  }
}
