package cloud.lastmile.network;

import cloud.lastmile.network.engine.EngineKey;
import cloud.lastmile.network.engine.EngineKey.Kind;
import cloud.lastmile.network.resource.Noun;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** One write while its transaction runs: what it touched, for the engine and for events. */
final class Write {

  /**
   * @param type {@code network.port.create}
   */
  record Happened(String type, UUID id, String projectId, JsonNode resource) {}

  private final Handle handle;
  private final Set<EngineKey> touched = new LinkedHashSet<>();
  private final Set<UUID> told = new LinkedHashSet<>();
  private final List<Function<Handle, List<EngineKey>>> others = new ArrayList<>();
  private final List<Happened> events = new ArrayList<>();
  private final Map<String, Map<String, Long>> counts = new TreeMap<>();

  Write(Handle handle) {
    this.handle = handle;
  }

  Handle handle() {
    return handle;
  }

  /** The engine must learn of this, and whoever listens to ports. */
  void touch(EngineKey... keys) {
    touch(List.of(keys));
  }

  void touch(List<EngineKey> keys) {
    touched.addAll(keys);
    keys.stream().filter(key -> key.kind() == Kind.PORT).map(EngineKey::id).forEach(told::add);
  }

  /** As {@link #touch} of a port that has no device yet, for which nobody listens. */
  void touchFree(UUID port) {
    touched.add(EngineKey.port(port));
  }

  /**
   * The engine must learn of these ports too, which others may make or change just now, unseen by
   * this transaction: they are looked for again once it is committed.
   */
  void touchAlso(Function<Handle, List<EngineKey>> ports) {
    touched.addAll(ports.apply(handle));
    others.add(ports);
  }

  /** What must be looked for again after the commit. */
  List<Function<Handle, List<EngineKey>>> others() {
    return others;
  }

  /** The ports whose listeners must learn of the write. */
  Set<UUID> told() {
    return told;
  }

  void event(String type, UUID id, String projectId, JsonNode resource) {
    events.add(new Happened(type, id, projectId, resource));
  }

  /**
   * Removes a resource, gives its quota back and tells of it: only if it is this transaction that
   * removes it. Whoever comes second gets the noun's fault, and nothing is counted.
   *
   * @param row as {@link Noun#lock} gave it or the request saw it
   */
  void delete(Noun noun, ObjectNode row) {
    UUID id = UUID.fromString(row.path("id").asString());
    String project = row.path("project_id").asString();
    noun.delete(handle, id);
    count(project, noun.singular(), -1);
    event("network." + noun.singular() + ".delete", id, project, row);
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
