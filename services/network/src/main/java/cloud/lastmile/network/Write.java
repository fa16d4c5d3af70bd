package cloud.lastmile.network;

import cloud.lastmile.network.engine.EngineKey;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.JsonNode;

/** One write while its transaction runs: what it touched, for the engine and for events. */
final class Write {

  /**
   * @param type {@code network.port.create}
   */
  record Happened(String type, UUID id, String projectId, JsonNode resource) {}

  private final Handle handle;
  private final Set<EngineKey> touched = new LinkedHashSet<>();
  private final List<Happened> events = new ArrayList<>();
  private final Map<String, Map<String, Long>> counts = new TreeMap<>();

  Write(Handle handle) {
    this.handle = handle;
  }

  Handle handle() {
    return handle;
  }

  /** The engine must learn of this. */
  void touch(EngineKey... keys) {
    touched.addAll(List.of(keys));
  }

  void touch(List<EngineKey> keys) {
    touched.addAll(keys);
  }

  void event(String type, UUID id, String projectId, JsonNode resource) {
    events.add(new Happened(type, id, projectId, resource));
  }

  /** The project has so many more of a resource that has a quota; fewer if negative. */
  void count(String projectId, String resource, long more) {
    // What belongs to the cloud itself has no quota.
    if (!projectId.isEmpty()) {
      counts.computeIfAbsent(projectId, _ -> new TreeMap<>()).merge(resource, more, Long::sum);
    }
  }

  Map<String, Map<String, Long>> counts() {
    return counts;
  }

  Set<EngineKey> touched() {
    return touched;
  }

  List<Happened> events() {
    return events;
  }
}
