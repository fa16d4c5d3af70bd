package cloud.lastmile.platform.database;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;

/**
 * A list that may be long, read in pieces. Each is a read of its own, so that nobody holds a
 * connection while a client takes its time, and no more than a piece is in memory. A row that comes
 * or goes meanwhile is in the list or is not; no other is missed or comes twice.
 *
 * <p>For one thread.
 */
public final class ListPieces<T> {
  private final ListStatement statement;
  private final BiFunction<Handle, RowMapper<Optional<T>>, List<Optional<T>>> begin;
  private final ReadableRows<T> readable;
  private final RowMapper<Optional<T>> mapper;
  private final int size;
  private Optional<List<Optional<Object>>> place = Optional.empty();
  private List<Optional<Object>> last = List.of();
  private long left;
  private boolean done;

  /**
   * @param statement with sort values, for a piece
   * @param begin reads the first piece
   * @param most rows in all
   */
  ListPieces(
      ListStatement statement,
      BiFunction<Handle, RowMapper<Optional<T>>, List<Optional<T>>> begin,
      RowMapper<T> mapper,
      int size,
      long most) {
    this.statement = statement;
    this.begin = begin;
    this.size = size;
    this.left = most;
    this.done = most == 0;
    this.readable = new ReadableRows<>(mapper);
    this.mapper =
        (row, context) -> {
          last = place(row);
          return readable.map(row, context);
        };
  }

  private List<Optional<Object>> place(ResultSet row) throws SQLException {
    List<Optional<Object>> values = new ArrayList<>();
    for (int index = 0; index < statement.order().size(); index++) {
      values.add(statement.order().get(index).column().read(row, "list_sort_" + index));
    }
    return values;
  }

  /** The next rows; with one statement. To be asked until {@link #isDone}. */
  public List<T> next(Handle handle) {
    if (done) {
      return List.of();
    }
    List<Optional<T>> rows =
        place.isPresent()
            ? statement.behind(handle, mapper, place.get())
            : begin.apply(handle, mapper);
    // A limit that is no multiple of the size.
    List<Optional<T>> wanted = rows.size() > left ? rows.subList(0, (int) left) : rows;
    left -= wanted.size();
    done = rows.size() < size || left == 0;
    place = Optional.of(last);
    return readable.of(wanted);
  }

  /** Whether that was all. */
  public boolean isDone() {
    return done;
  }
}
