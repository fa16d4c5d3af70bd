package cloud.lastmile.platform.resource;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.database.Work;
import java.util.Map;
import java.util.function.Function;

/**
 * Runs a service's reads and writes. A write is one transaction with its rows, its events and its
 * quota; what the service does when that is committed is its own affair.
 *
 * @param <W> what a write remembers
 */
public interface Writes<W extends Write> {

  <T> T read(Work<T> work);

  /**
   * @param requestId under which events will be found
   * @throws ApiException what the work throws, or that a quota is exceeded; nothing has happened
   */
  <T> T run(String requestId, Function<W, T> work);

  /**
   * Refuses more than the project may have, before anything is done for it.
   *
   * @throws ApiException in the dialect's words, if it would have more than it may
   */
  void requireRoom(String projectId, Map<String, Long> amounts);
}
