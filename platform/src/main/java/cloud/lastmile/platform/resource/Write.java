package cloud.lastmile.platform.resource;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.policy.QuotaExceeded;
import cloud.lastmile.platform.policy.Quotas;
import cloud.lastmile.platform.work.Event;
import cloud.lastmile.platform.work.Events;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One write while its transaction runs: what it counts and what has happened in it. A service whose
 * writes have more to remember extends it.
 */
public class Write {

  private record Happened(String noun, String verb, String id, String projectId, JsonNode row) {}

  private final Dialect dialect;
  private final Handle handle;
  private final List<Happened> events = new ArrayList<>();
  private final Map<String, Map<String, Long>> counts = new TreeMap<>();

  public Write(Dialect dialect, Handle handle) {
    this.dialect = dialect;
    this.handle = handle;
  }

  public final Handle handle() {
    return handle;
  }

  /** Tells of what was made, with its row. */
  public final void created(Noun noun, ObjectNode row) {
    happened(noun, "create", row);
  }

  /** Tells of what was changed, with its row as it is now. */
  public final void updated(Noun noun, ObjectNode row) {
    happened(noun, "update", row);
  }

  /** Tells of what was deleted, with its row as it was. */
  public final void deleted(Noun noun, ObjectNode row) {
    happened(noun, "delete", row);
  }

  /** Tells of what was done to a resource. */
  public final void happened(Noun noun, String verb, ObjectNode row) {
    events.add(
        new Happened(
            noun.singular(),
            verb,
            row.path("id").asString(),
            row.path("project_id").asString(),
            row));
  }

  /**
   * Removes a resource, gives its quota back and tells of it: only if it is this transaction that
   * removes it. Whoever comes second gets the noun's fault, and nothing is counted.
   *
   * @param row as {@link Noun#lock} gave it or the request saw it
   */
  public final void delete(Noun noun, ObjectNode row) {
    noun.delete(handle, UUID.fromString(row.path("id").asString()));
    count(row.path("project_id").asString(), noun.singular(), -1);
    deleted(noun, row);
  }

  /** The project has so many more of a resource that has a quota; fewer if negative. */
  public final void count(String projectId, String resource, long more) {
    // What belongs to the cloud itself has no quota.
    if (!projectId.isEmpty()) {
      counts.computeIfAbsent(projectId, _ -> new TreeMap<>()).merge(resource, more, Long::sum);
    }
  }

  /**
   * Ends the write: events are appended, then quotas reserved, for the project's other requests
   * wait for this one from there on.
   *
   * @throws ApiException in the dialect's words, if a project would have more than it may
   */
  public final void complete(Events outbox, Quotas quotas, String requestId) {
    for (Happened event : events) {
      outbox.append(
          handle,
          Event.of(
              dialect.service() + "." + event.noun() + "." + event.verb(),
              event.projectId(),
              event.noun(),
              event.id(),
              requestId,
              event.row()));
    }
    try {
      counts.forEach((project, amounts) -> quotas.reserve(handle, project, amounts));
    } catch (QuotaExceeded exceeded) {
      throw dialect.overQuota(exceeded);
    }
  }
}
