package cloud.lastmile.placement.allocation;

import cloud.lastmile.placement.provider.Bodies;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.Fields;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.regex.Pattern;

/** Reads what allocations a consumer shall have, in the form of the request's microversion. */
final class AllocationBodies {
  private static final Pattern GROUP = Pattern.compile("[a-zA-Z0-9_-]{0,64}");

  /** Whom the reference puts down when old clients do not say for whom they allocate. */
  private static final String INCOMPLETE = "00000000-0000-0000-0000-000000000000";

  private AllocationBodies() {}

  /**
   * What one consumer shall have.
   *
   * @param generation what the client takes for the consumer's generation; empty for a new one
   * @param checksGeneration whether the microversion has consumers' generations
   */
  record ConsumerRequest(
      UUID consumer,
      Map<UUID, Map<String, Long>> byProvider,
      String projectId,
      String userId,
      OptionalInt generation,
      boolean checksGeneration,
      Optional<String> type) {}

  static ConsumerRequest read(ApiRequest request, UUID consumer, Fields body, boolean mayBeEmpty) {
    boolean checksGeneration = request.atLeast("1.28");
    Map<UUID, Map<String, Long>> byProvider =
        request.atLeast("1.12") ? keyed(body) : listed(body.required("allocations"));
    if (byProvider.isEmpty() && !mayBeEmpty && !checksGeneration) {
      throw body.invalid("allocations", "it is too short");
    }
    boolean namesOwner = request.atLeast("1.8");
    String project = namesOwner ? body.string("project_id", 1, 255) : INCOMPLETE;
    String user = namesOwner ? body.string("user_id", 1, 255) : INCOMPLETE;
    OptionalInt generation = checksGeneration ? generation(body) : OptionalInt.empty();
    if (request.atLeast("1.34")) {
      body.optional("mappings").ifPresent(AllocationBodies::checkMappings);
    }
    Optional<String> type = request.atLeast("1.38") ? Optional.of(type(body)) : Optional.empty();
    body.rejectUnknown();
    return new ConsumerRequest(
        consumer, byProvider, project, user, generation, checksGeneration, type);
  }

  private static OptionalInt generation(Fields body) {
    Fields.Value value = body.required("consumer_generation");
    return value.node().isNull()
        ? OptionalInt.empty()
        : OptionalInt.of((int) Bodies.strict(value, Integer.MIN_VALUE, Integer.MAX_VALUE));
  }

  private static String type(Fields body) {
    Fields.Value value = body.required("consumer_type");
    return Bodies.named(value.text(1, 255))
        .orElseThrow(() -> value.invalid("it does not match '^[A-Z0-9_]+$'"));
  }

  private static Map<UUID, Map<String, Long>> keyed(Fields body) {
    Fields allocations = body.object("allocations");
    Map<UUID, Map<String, Long>> byProvider = new LinkedHashMap<>();
    for (String key : allocations.node().propertyNames()) {
      UUID provider =
          Ids.parseUuid(key)
              .filter(_ -> key.length() == 36)
              .orElseThrow(() -> allocations.invalid(key, "'" + key + "' is not a 'uuid'"));
      Fields allocation = allocations.object(key);
      if (allocation.has("generation")) {
        // The reference takes it so that what was read can be sent back, and looks no further.
        Bodies.integer(allocation, "generation", Integer.MIN_VALUE, Integer.MAX_VALUE);
      }
      byProvider.put(provider, resources(allocation));
      allocation.rejectUnknown();
    }
    return byProvider;
  }

  private static Map<UUID, Map<String, Long>> listed(Fields.Value allocations) {
    Map<UUID, Map<String, Long>> byProvider = new LinkedHashMap<>();
    for (Fields.Value value : allocations.values()) {
      Fields allocation = value.object();
      Fields provider = allocation.object("resource_provider");
      byProvider.put(provider.required("uuid").uuid(), resources(allocation));
      provider.rejectUnknown();
      allocation.rejectUnknown();
    }
    return byProvider;
  }

  private static Map<String, Long> resources(Fields allocation) {
    Fields resources = allocation.object("resources");
    Map<String, Long> amounts = new LinkedHashMap<>();
    for (String name : resources.node().propertyNames()) {
      if (Bodies.named(name).isEmpty()) {
        throw resources.invalid(name, "its name does not match '^[A-Z0-9_]+$'");
      }
      amounts.put(name, Bodies.integer(resources, name, 1, Long.MAX_VALUE));
    }
    if (amounts.isEmpty()) {
      throw allocation.invalid("resources", "{} does not have enough properties");
    }
    return amounts;
  }

  private static void checkMappings(Fields.Value mappings) {
    Fields groups = mappings.object();
    for (String group : groups.node().propertyNames()) {
      if (!GROUP.matcher(group).matches()) {
        throw groups.invalid(group, "its name is not that of a request group");
      }
      if (groups.required(group).values().isEmpty()) {
        throw groups.invalid(group, "[] is too short");
      }
      groups.required(group).values().forEach(Fields.Value::uuid);
    }
  }

  static UUID consumer(String text) {
    return Ids.parseUuid(text)
        .orElseThrow(() -> ApiException.badRequest("Malformed consumer_uuid: " + text));
  }
}
