package cloud.lastmile.platform.resource;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.http.ApiRequest;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a noun does beside what its description says. Whatever throws an {@link ApiException} ends
 * the request with it, and nothing has happened.
 *
 * @param <W> the service's writes
 */
public interface Hooks<W extends Write> {

  /** Of a noun that does nothing more. */
  static <W extends Write> Hooks<W> none() {
    return new Hooks<>() {};
  }

  /** Before a list is read. */
  default void listing(ApiRequest request) {}

  /** What policy checks may ask of a resource to be made, beyond what was said of it. */
  default Map<String, String> target(ApiRequest request, Create create) {
    return Map.of();
  }

  /** Looks at a create before the transaction begins, when policy has allowed it. */
  default void checkCreate(ApiRequest request, Create create) {}

  /** Looks at an update before the transaction begins, when policy has allowed it. */
  default void checkUpdate(ApiRequest request, Update update) {}

  /** In the transaction, before the first of these is inserted. */
  default void beforeAll(W write, List<Create> creates) {}

  /** In the transaction: what is inserted, if it is not just what was said. */
  default Values inserting(W write, Create create) {
    return create.values();
  }

  /** The resource has been inserted: the row, as it is after what this has done. */
  default ObjectNode inserted(W write, Create create, ObjectNode row) {
    return row;
  }

  /** In the transaction: what is updated, if it is not just what was said. */
  default Values updating(W write, Update update) {
    return update.values();
  }

  /** The resource has been updated: the row, as it is after what this has done. */
  default ObjectNode updated(W write, Update update, ObjectNode row) {
    return row;
  }

  /** In the transaction, before the row is deleted: what keeps it, and what goes with it. */
  default void deleting(W write, Delete delete) {}

  /** The row has been deleted: what goes after it. */
  default void deleted(W write, Delete delete) {}

  /** It was inserted, updated or deleted: which keys to mark. */
  default void changed(W write, ObjectNode row) {}
}
