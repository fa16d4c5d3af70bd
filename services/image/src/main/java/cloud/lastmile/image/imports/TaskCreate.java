package cloud.lastmile.image.imports;

import cloud.lastmile.image.api.ImageConfig;
import cloud.lastmile.image.data.ImageParts;
import cloud.lastmile.image.record.ImageAttributes;
import cloud.lastmile.image.record.ImageQuotas;
import cloud.lastmile.image.record.ImageRecord;
import cloud.lastmile.image.request.ImageCreate;
import cloud.lastmile.image.request.ImageRoutes;
import cloud.lastmile.image.store.StoreSet;
import cloud.lastmile.image.task.TaskSchemas;
import cloud.lastmile.image.task.TaskStore;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The reference's older way of importing, which makes the image too: {@code POST /v2/tasks}. A task
 * that is well-formed is always made; one that cannot be done is a failure from the start.
 */
public final class TaskCreate {
  private final Database database;
  private final TaskStore tasks;
  private final ImageCreate create;
  private final ImageImport imports;
  private final StoreSet stores;
  private final ImageConfig.Imports config;

  public TaskCreate(
      ImageParts with, ImageCreate create, ImageImport imports, ImageConfig.Imports config) {
    this.database = with.database();
    this.tasks = with.tasks();
    this.create = create;
    this.imports = imports;
    this.stores = with.stores();
    this.config = config;
  }

  /**
   * Makes the task; it is pending.
   *
   * @throws ApiException bad request
   */
  TaskStore.Task run(ApiRequest request, JsonNode body) {
    check(body);
    String type = body.path("type").asString();
    JsonNode input = body.path("input");
    if (type.equals(TaskStore.IMPORT)) {
      checkAddress(input.path("import_from").asString(""));
    }
    UUID id = UUID.randomUUID();
    UUID image = UUID.randomUUID();
    try {
      ImageAttributes attributes = attributes(request, type, input);
      return database.transact(handle -> begin(handle, request, id, image, attributes, input));
    } catch (ApiException refused) {
      return database.transact(handle -> {
        tasks.insert(handle, task(request, id, Optional.empty(), type, input));
        TaskStore.Task pending = tasks.find(handle, id).orElseThrow();
        tasks.end(handle, id, false, refused.message(), null);
        return pending;
      });
    }
  }

  private static void check(JsonNode body) {
    if (!body.isObject()) {
      throw ApiException.badRequest("Body expected in request.");
    }
    for (String required : List.of("type", "input")) {
      if (body.path(required).isMissingNode()) {
        throw ApiException.badRequest("Task '" + required + "' is required");
      }
    }
    JsonNode known = TaskSchemas.task(true).path("properties");
    for (Map.Entry<String, JsonNode> field : body.properties()) {
      if (!known.has(field.getKey())) {
        throw mismatch(field.getKey(), "Additional properties are not allowed");
      }
    }
    if (!TaskSchemas.TYPES.contains(body.path("type").asString(""))) {
      throw mismatch("type", "it is not one of " + TaskSchemas.TYPES);
    }
    if (!body.path("input").isObject()) {
      throw mismatch("input", "it is not an object");
    }
  }

  private static ApiException mismatch(String field, String reason) {
    return ApiException.badRequest(
        "Provided object does not match schema 'task': '%s': %s".formatted(field, reason));
  }

  private void checkAddress(String address) {
    if (address.isEmpty()) {
      throw ApiException.badRequest("Invalid location: " + address);
    }
    if (address.startsWith("file:///") || address.startsWith("filesystem:///")) {
      throw ApiException.badRequest(
          "File based imports are not allowed. Please use a non-local source of image data.");
    }
    if (!address.startsWith("http://") && !address.startsWith("https://")) {
      throw ApiException.badRequest(
          "The given uri is not valid. Please specify a valid uri from the following list of"
              + " supported uri ['http']");
    }
    Optional<URI> uri = ImportRequest.parsed(address).filter(config.filter()::allows);
    if (uri.isEmpty()) {
      throw ApiException.badRequest(
          "URI for legacy import task does not pass filtering: " + address);
    }
  }

  private static ImageAttributes attributes(ApiRequest request, String type, JsonNode input) {
    if (!type.equals(TaskStore.IMPORT)) {
      // The reference takes them, too, and fails them: they are parts of its other requests.
      throw ApiException.badRequest(
          "Tasks of the type '%s' come from requests to images only.".formatted(type));
    }
    for (String required : List.of("import_from", "import_from_format", "image_properties")) {
      if (input.path(required).isMissingNode()) {
        throw ApiException.badRequest("Input does not contain '%s' field".formatted(required));
      }
    }
    if (!(input.path("image_properties").deepCopy() instanceof ObjectNode properties)) {
      throw ApiException.badRequest("'image_properties' must be an object");
    }
    if (properties.isEmpty()) {
      properties.put("disk_format", "qcow2").put("container_format", "bare");
    }
    ImageAttributes attributes = ImageRoutes.attributes(request, properties);
    if (attributes.diskFormat().isEmpty() || attributes.containerFormat().isEmpty()) {
      throw ApiException.badRequest(
          "'disk_format' and 'container_format' need to be set before import");
    }
    return attributes;
  }

  private TaskStore.Task begin(
      Handle handle,
      ApiRequest request,
      UUID id,
      UUID image,
      ImageAttributes attributes,
      JsonNode input) {
    ImageRecord made = create.within(handle, image, attributes, request.context().requestId());
    ImportState state =
        ImportState.begun(
            id,
            made,
            request.context().requestId(),
            ImportState.TASK,
            List.of(stores.first().name()),
            true,
            input.path("import_from").asString(),
            ImportState.Remote.NONE,
            imports.expect(handle, made, id, ImageQuotas.Held.upload(0)));
    imports.submit(
        handle, made, state, task(request, id, Optional.of(image), TaskStore.IMPORT, input));
    return tasks.find(handle, id).orElseThrow();
  }

  private static TaskStore.NewTask task(
      ApiRequest request, UUID id, Optional<UUID> image, String type, JsonNode input) {
    return new TaskStore.NewTask(
        id,
        image,
        request.caller().requireProjectId(),
        request.caller().userId(),
        request.context().requestId(),
        type,
        input);
  }
}
