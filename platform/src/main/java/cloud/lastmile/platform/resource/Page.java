package cloud.lastmile.platform.resource;

import java.util.List;

/**
 * What a list has shown.
 *
 * @param count rows
 * @param first the id of the first row, empty if there is none
 * @param last the id of the last row
 */
public record Page(long count, String first, String last) {
  static final Page NONE = new Page(0, "", "");

  Page with(List<Noun.Line> rows) {
    return rows.isEmpty()
        ? this
        : new Page(
            count + rows.size(), count == 0 ? rows.getFirst().id() : first, rows.getLast().id());
  }
}
