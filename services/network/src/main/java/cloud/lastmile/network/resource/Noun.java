package cloud.lastmile.network.resource;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.database.ListDialect;
import cloud.lastmile.platform.database.ListQuery;
import cloud.lastmile.platform.database.Sql;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.policy.PolicyRule;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.UUID;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * How a noun is read: its columns, who sees which rows, and how lists are asked. Rows become the
 * JSON that clients see, without a stop between.
 */
public final class Noun {
  /** Sees every project's resources. */
  public static final PolicyRule CONTEXT_IS_ADMIN =
      new PolicyRule("context_is_admin", PolicyRule.ADMIN);

  /** Attributes that policy checks may ask for and clients never see begin with this. */
  private static final String HIDDEN = "_";

  private final String singular;
  private final String plural;
  private final String from;
  private final List<Column> columns;
  private final Function<String, Condition> visible;
  private final Function<String, ApiException> missing;
  private final ListQuery<ObjectNode> list;
  private final Sql get;

  private Noun(Builder builder) {
    this.singular = builder.singular;
    this.plural = builder.plural;
    this.from = builder.from;
    this.columns = List.copyOf(builder.columns);
    this.visible = builder.visible;
    this.missing = builder.missing;
    this.list = listQuery(builder.filters);
    this.get =
        Sql.of(
            "SELECT %s FROM %s WHERE %s = :id"
                .formatted(select(columns), from, columns.getFirst().sql()));
  }

  /** Collects what a noun is. */
  public static final class Builder {
    private final String singular;
    private final String plural;
    private final String from;
    private final List<Column> columns = new ArrayList<>();
    private final Map<String, Function<List<String>, Condition>> filters = new HashMap<>();
    private Function<String, Condition> visible =
        project -> Condition.of("r.project_id = {}", project);
    private Function<String, ApiException> missing =
        _ -> ApiException.notFound("The resource could not be found.");

    private Builder(String singular, String plural, String from) {
      this.singular = singular;
      this.plural = plural;
      this.from = from;
    }

    /** The first one is the id. */
    public Builder columns(Column... more) {
      columns.addAll(List.of(more));
      return this;
    }

    /** The attributes that every resource has, from columns of the same names. */
    public Builder standardColumns() {
      filters.put("tags", tags -> tagCondition("r.tags @> %s", tags));
      filters.put("tags-any", tags -> tagCondition("r.tags && %s", tags));
      filters.put("not-tags", tags -> tagCondition("NOT r.tags @> %s", tags));
      filters.put("not-tags-any", tags -> tagCondition("NOT r.tags && %s", tags));
      return columns(Column.json("tags", "to_json(r.tags)")).untaggedColumns();
    }

    /** As {@link #standardColumns()}, for a noun that cannot be tagged. */
    public Builder untaggedColumns() {
      filters.put("changed_since", Builder::changedSince);
      return columns(
          Column.text("tenant_id", "r.project_id"),
          Column.text("project_id", "r.project_id"),
          Column.text("description", "r.description"),
          Column.timestamp("created_at", "r.created_at"),
          Column.timestamp("updated_at", "r.updated_at"),
          Column.integer("revision_number", "r.revision"));
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

    public Builder filter(String name, Function<List<String>, Condition> condition) {
      filters.put(name, condition);
      return this;
    }

    /** Which rows a caller of this project sees who is no administrator. */
    public Builder visible(Function<String, Condition> condition) {
      visible = condition;
      return this;
    }

    /** The error for an id that is not there, or not for the caller. */
    public Builder missing(Function<String, ApiException> error) {
      missing = error;
      return this;
    }

    public Noun build() {
      return new Noun(this);
    }
  }

  /**
   * @param from the table under the alias {@code r}, with joins that keep one row per resource
   */
  public static Builder of(String singular, String plural, String from) {
    return new Builder(singular, plural, from);
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

  public String singular() {
    return singular;
  }

  public String plural() {
    return plural;
  }

  private static String select(List<Column> columns) {
    StringJoiner select = new StringJoiner(", ");
    columns.forEach(column -> select.add(column.sql()));
    return select.toString();
  }

  private static ObjectNode read(ResultSet row, List<Column> columns) throws SQLException {
    ObjectNode node = Json.object();
    for (int index = 0; index < columns.size(); index++) {
      columns.get(index).read(row, index + 1, node);
    }
    return node;
  }

  /** The rules of attributes that not everyone sees. */
  public List<PolicyRule> rules() {
    return columns.stream().flatMap(column -> rule(column).stream()).toList();
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
        list.asked(request.query(), PageLinks.dialect(request))
            .selecting(String.join(", ", selected), (row, _) -> line(row, shown, places));
    return request.allows(CONTEXT_IS_ADMIN)
        ? asked
        : asked.within(visible.apply(request.caller().projectId().orElse("")));
  }

  /** Written at once: trees of thousands of attributes would be half of a long list's cost. */
  private static Line line(ResultSet row, List<Column> shown, List<Integer> places)
      throws SQLException {
    JsonBytes json = new JsonBytes(2048);
    char before = '{';
    for (int index = 0; index < shown.size(); index++) {
      shown.get(index).write(row, places.get(index), json.sign(before));
      before = ',';
    }
    if (shown.isEmpty()) {
      json.sign(before);
    }
    return new Line(row.getString(1), json.sign('}').toByteArray());
  }

  /** The resource, if the caller may know of it. */
  public Optional<ObjectNode> find(Handle handle, ApiRequest request, UUID id) {
    Optional<String> project =
        request.allows(CONTEXT_IS_ADMIN)
            ? Optional.empty()
            : Optional.of(request.caller().projectId().orElse(""));
    return find(handle, project, id);
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
    String table = from.substring(0, from.indexOf(' '));
    if (handle.execute("DELETE FROM " + table + " WHERE id = ?", id) != 1) {
      throw missing(id.toString());
    }
  }

  /**
   * A statement that inserts and gives the resource's row, for {@link #read}.
   *
   * @param beside another insert of the same statement, under a name of its own
   * @param insert into the noun's table, without RETURNING
   */
  public Sql inserting(String beside, String insert) {
    return Sql.of(
        "WITH %s, inserted AS (%s RETURNING *) SELECT %s FROM %s"
            .formatted(
                beside, insert, select(columns), from.replaceFirst("^\\S+ r\\b", "inserted r")));
  }

  /** The resource from a row with the noun's columns. */
  public ObjectNode read(ResultSet row) throws SQLException {
    return read(row, columns);
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
