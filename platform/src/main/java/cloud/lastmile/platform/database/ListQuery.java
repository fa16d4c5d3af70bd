package cloud.lastmile.platform.database;

import cloud.lastmile.platform.core.ApiException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;

/**
 * The description of a resource's list; every list of the APIs is one of these. Filters, sort keys,
 * marker and limit of a request become exactly one SQL statement. Names in SQL come from the
 * description only, values are always bound.
 *
 * <pre>{@code
 * private static final ListQuery<Network> LIST =
 *     ListQuery.of("network.network n", "n.*", NetworkStore::map)
 *         .column(uuid("id", "n.id"))                    // the first column is the id
 *         .column(text("name", "n.name"))
 *         .column(bool("admin_state_up", "n.admin_state_up"))
 *         .column(timestamp("created_at", "n.created_at").sortOnly())
 *         .column(text("description", "n.description").orNull())
 *         .filter("ip", values -> Condition.of("EXISTS (SELECT ... WHERE a.ip = {})", ...))
 *         .sortedBy("created_at", false);
 *
 * ListPage<Network> list(Handle handle, Map<String, List<String>> query, String projectId) {
 *   return LIST.asked(query, ListDialect.paged(1000))
 *       .within(Condition.of("n.project_id = {}", projectId))
 *       .run(handle);
 * }
 * }</pre>
 *
 * <p>Understood: {@code limit}, {@code marker}, {@code page_reverse}, {@code sort_key} with {@code
 * sort_dir} (repeated), {@code sort=name:asc,id}, and the filters; a filter given several times
 * means any of its values. Other parameters are left to the service, which knows whether its
 * reference ignores or refuses them.
 *
 * @param <T> what a row becomes
 */
public final class ListQuery<T> {

  private final String from;
  private final Selection<T> selection;
  private final Map<String, ListColumn> columns;
  private final Map<String, Function<List<String>, Condition>> filters;
  private final List<SortKey> defaultSort;

  /** What of a row is read, and what it becomes. */
  private record Selection<T>(String select, RowMapper<T> mapper) {}

  private ListQuery(
      String from,
      Selection<T> selection,
      Map<String, ListColumn> columns,
      Map<String, Function<List<String>, Condition>> filters,
      List<SortKey> defaultSort) {
    this.from = from;
    this.selection = selection;
    this.columns = columns;
    this.filters = filters;
    this.defaultSort = defaultSort;
  }

  /**
   * @param from what follows FROM: a table with an alias, with joins that keep one row per resource
   * @param select what follows SELECT
   */
  public static <T> ListQuery<T> of(String from, String select, RowMapper<T> mapper) {
    return new ListQuery<>(from, new Selection<>(select, mapper), Map.of(), Map.of(), List.of());
  }

  /** The first column is the id: it must be unique, breaks ties, and is what markers are. */
  public ListQuery<T> column(ListColumn column) {
    Map<String, ListColumn> more = new LinkedHashMap<>(columns);
    more.put(column.name(), column);
    return new ListQuery<>(from, selection, more, filters, defaultSort);
  }

  /** A filter that is no plain column: turns the values of its parameter into a condition. */
  public ListQuery<T> filter(String name, Function<List<String>, Condition> condition) {
    Map<String, Function<List<String>, Condition>> more = new LinkedHashMap<>(filters);
    more.put(name, condition);
    return new ListQuery<>(from, selection, columns, more, defaultSort);
  }

  /** The order when none is asked for; may be given several times. By id if never given. */
  public ListQuery<T> sortedBy(String name, boolean ascending) {
    ListColumn column = columns.get(name);
    if (column == null) {
      throw new IllegalArgumentException("There is no column " + name);
    }
    List<SortKey> more = new ArrayList<>(defaultSort);
    more.add(new SortKey(column, ascending));
    return new ListQuery<>(from, selection, columns, filters, List.copyOf(more));
  }

  /**
   * The one row of this id, of all that there are.
   *
   * @param id as JDBC knows it: text, or a UUID
   */
  public Optional<T> find(Handle handle, Object id) {
    String sql = "SELECT %s FROM %s WHERE %s = :id".formatted(selection.select(), from, id().sql());
    return handle.createQuery(sql).bind("id", id).map(selection.mapper()).findOne();
  }

  /**
   * {@link #find}, and keeps others from changing it until the transaction ends. Read when it is
   * locked, by a statement of its own: what is selected from other tables would else be as it was
   * before the lock was waited for.
   */
  public Optional<T> lock(Handle handle, Object id) {
    String sql = "SELECT 1 FROM %s WHERE %s = :id FOR UPDATE".formatted(from, id().sql());
    return handle.createQuery(sql).bind("id", id).mapTo(Integer.class).findOne().isEmpty()
        ? Optional.empty()
        : find(handle, id);
  }

  private ListColumn id() {
    return columns.values().iterator().next();
  }

  /**
   * What a request asks for.
   *
   * @param query its parameters, decoded, each with all its values
   * @throws ApiException bad request, naming the parameter
   */
  public Asked<T> asked(Map<String, List<String>> query, ListDialect dialect) {
    ListParameters parameters = new ListParameters(query, dialect);
    List<Condition> conditions = new ArrayList<>();
    query.forEach((name, values) -> {
      Function<List<String>, Condition> filter = filters.get(name);
      ListColumn column = columns.get(name);
      if (filter != null) {
        conditions.add(filter.apply(values));
      } else if (column != null && column.filterable()) {
        conditions.add(parameters.filter(column, values));
      } else if (dialect.inexact()) {
        InexactFilter.of(name, columns)
            .ifPresent(wanted -> conditions.add(wanted.condition(values)));
      }
    });
    ListColumn id = id();
    List<SortKey> sort = new ArrayList<>(parameters.sort(columns, defaultSort));
    if (sort.stream().noneMatch(key -> key.column().equals(id))) {
      sort.add(new SortKey(id, sort.isEmpty() || sort.getLast().ascending()));
    }
    return new Asked<>(
        from,
        selection,
        parameters,
        id,
        List.copyOf(sort),
        new Scope(List.of(), List.of()),
        List.copyOf(conditions));
  }

  /** What the page and what the marker must fulfil beside the filters. */
  private record Scope(List<Condition> page, List<Condition> marker) {}

  /** A list as one request wants it; immutable. */
  public static final class Asked<T> {
    private final String from;
    private final Selection<T> selection;
    private final ListParameters parameters;
    private final ListColumn id;
    private final List<SortKey> sort;
    private final Scope scope;
    private final List<Condition> filters;

    private Asked(
        String from,
        Selection<T> selection,
        ListParameters parameters,
        ListColumn id,
        List<SortKey> sort,
        Scope scope,
        List<Condition> filters) {
      this.from = from;
      this.selection = selection;
      this.parameters = parameters;
      this.id = id;
      this.sort = sort;
      this.scope = scope;
      this.filters = filters;
    }

    /** Whether a limit is asked for, so that there may be more. */
    public boolean isPaged() {
      return parameters.last("limit").isPresent();
    }

    /** What the caller may see at all; a marker outside of it is unknown. */
    public Asked<T> within(Condition condition) {
      Scope narrower = new Scope(and(scope.page, condition), and(scope.marker, condition));
      return new Asked<>(from, selection, parameters, id, sort, narrower, filters);
    }

    /**
     * What a marker must fulfil, and the page does because of its filters: to say it again would
     * mislead the planner about how many rows there are.
     */
    public Asked<T> markerWithin(Condition condition) {
      Scope narrower = new Scope(scope.page, and(scope.marker, condition));
      return new Asked<>(from, selection, parameters, id, sort, narrower, filters);
    }

    /** What more the caller asked for; a marker need not fulfil it. */
    public Asked<T> where(Condition condition) {
      return new Asked<>(from, selection, parameters, id, sort, scope, and(filters, condition));
    }

    /** Reads something else of each row than the description says. */
    public <U> Asked<U> selecting(String select, RowMapper<U> mapper) {
      return new Asked<>(
          from, new Selection<>(select, mapper), parameters, id, sort, scope, filters);
    }

    private static List<Condition> and(List<Condition> conditions, Condition another) {
      List<Condition> more = new ArrayList<>(conditions);
      more.add(another);
      return List.copyOf(more);
    }

    /**
     * Reads the page with one statement.
     *
     * @throws ApiException bad request, if the marker is unknown or the limit is no number
     */
    public ListPage<T> run(Handle handle) {
      int limit = parameters.limit();
      if (limit == 0) {
        return new ListPage<>(List.of(), false);
      }
      boolean reverse = parameters.reverse();
      List<SortKey> order = reverse ? sort.stream().map(SortKey::reversed).toList() : sort;
      ListStatement statement =
          new ListStatement(
              from, selection.select(), order, scope.page, scope.marker, filters, limit + 1L);
      ReadableRows<T> mapper = new ReadableRows<>(selection.mapper());
      List<Optional<T>> rows = new ArrayList<>();
      parameters
          .last("marker")
          .ifPresentOrElse(
              marker -> rows.addAll(after(marker, statement, handle, mapper)),
              () -> rows.addAll(statement.first(handle, mapper)));
      boolean hasMore = rows.size() > limit;
      List<Optional<T>> page = hasMore ? rows.subList(0, limit) : rows;
      List<T> read = mapper.of(page);
      return new ListPage<>(reverse ? read.reversed() : read, hasMore);
    }

    /**
     * Reads the list in pieces, however long it is; not backwards.
     *
     * @throws ApiException bad request, if the limit is no number; the first piece, if the marker
     *     is unknown
     */
    public ListPieces<T> inPieces(int size) {
      int most = parameters.limit();
      int piece = Math.min(size, Math.max(1, most));
      ListStatement statement =
          new ListStatement(
              from, selection.select(), sort, scope.page, scope.marker, filters, piece);
      ListStatement places = statement.withSortValues();
      Optional<String> marker = parameters.last("marker");
      return new ListPieces<>(
          places,
          (handle, mapper) ->
              marker
                  .map(id -> after(id, statement, handle, mapper))
                  .orElseGet(() -> places.first(handle, mapper)),
          selection.mapper(),
          piece,
          most);
    }

    private <U> List<U> after(
        String marker, ListStatement statement, Handle handle, RowMapper<U> mapper) {
      return id.parse(marker)
          .flatMap(value -> statement.after(handle, mapper, id, value))
          .orElseThrow(() ->
              ApiException.invalidField(
                  "marker", marker, "The marker '" + marker + "' could not be found"));
    }
  }
}
