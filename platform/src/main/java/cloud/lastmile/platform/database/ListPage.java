package cloud.lastmile.platform.database;

import java.util.List;
import java.util.function.Function;

/**
 * One page of a list, in the order that was asked for.
 *
 * @param hasMore whether rows follow; with {@code page_reverse}, whether rows precede
 */
public record ListPage<T>(List<T> rows, boolean hasMore) {

  public ListPage {
    rows = List.copyOf(rows);
  }

  public <R> ListPage<R> map(Function<? super T, ? extends R> function) {
    return new ListPage<>(rows.stream().<R>map(function).toList(), hasMore);
  }
}
