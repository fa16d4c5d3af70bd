package cloud.lastmile.compute.action;

import cloud.lastmile.compute.common.ComputePolicies;
import cloud.lastmile.compute.common.Inputs;
import cloud.lastmile.compute.job.ServerSnapshot;
import cloud.lastmile.compute.job.ServerTransition;
import cloud.lastmile.compute.job.ServerTransition.Rule;
import cloud.lastmile.compute.quota.ComputeQuotas;
import cloud.lastmile.compute.server.Server;
import cloud.lastmile.compute.server.ServerChange;
import cloud.lastmile.compute.server.ServerFinder;
import cloud.lastmile.compute.server.ServerJob;
import cloud.lastmile.compute.server.TaskState;
import cloud.lastmile.compute.server.VmState;
import cloud.lastmile.image.api.Images;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Fields;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** {@code createImage}: a snapshot of the root disk as a new image. */
public final class CreateImageAction implements ServerAction {
  private static final Rule RULE =
      new Rule(
          "createImage",
          "createImage",
          "compute_snapshot_instance",
          Set.of(VmState.ACTIVE, VmState.STOPPED, VmState.PAUSED),
          Set.of());

  private final Database database;
  private final ServerFinder finder;
  private final ServerTransition transition;
  private final ServerSnapshot snapshot;
  private final Images images;
  private final ComputeQuotas quotas;

  public CreateImageAction(
      Database database,
      ServerFinder finder,
      ServerTransition transition,
      ServerSnapshot snapshot,
      Images images,
      ComputeQuotas quotas) {
    this.database = database;
    this.finder = finder;
    this.transition = transition;
    this.snapshot = snapshot;
    this.images = images;
    this.quotas = quotas;
  }

  @Override
  public Map<String, Run> actions() {
    return Map.of("createImage", this::run);
  }

  private ApiResponse run(ApiRequest request, Fields body) {
    Server server = finder.find(request, ComputePolicies.SERVERS_CREATE_IMAGE);
    Fields fields = body.object("createImage");
    String name = Inputs.name(fields.required("name"));
    Map<String, String> metadata =
        fields.optional("metadata").map(Inputs::metadata).orElse(Map.of());
    fields.rejectUnknown();
    if (!request.atLeast("2.39")) {
      database.change(
          handle -> quotas.requireMetadataFits(handle, server.projectId(), metadata.size()));
    }
    ServerTransition.requireState(server, RULE);
    UUID image = UUID.randomUUID();
    images.createQueued(
        request.caller(), image, name, "qcow2", properties(request, server, metadata));
    try {
      transition.begin(
          request,
          server,
          RULE,
          _ -> ServerChange.task(TaskState.IMAGE_SNAPSHOT_PENDING),
          snapshot.saga(),
          now ->
              new ServerSnapshot.Job(
                  new ServerJob(now.id(), request.context().requestId()), image));
    } catch (RuntimeException refused) {
      images.discard(image);
      throw refused;
    }
    if (request.atLeast("2.45")) {
      return ApiResponse.json(202, Json.object().put("image_id", image.toString()));
    }
    return ApiResponse.empty(202)
        .header("Location", request.baseUrl() + "/image/v2/images/" + image);
  }

  private static Map<String, String> properties(
      ApiRequest request, Server server, Map<String, String> metadata) {
    Map<String, String> properties = new LinkedHashMap<>();
    server
        .image()
        .ifPresent(image -> {
          properties.putAll(image.properties());
          // It was of the other image's bytes.
          properties.keySet().removeIf(name -> name.startsWith("img_signature"));
          properties.put("base_image_ref", image.id().toString());
        });
    properties.put("image_type", "snapshot");
    properties.put("instance_uuid", server.id().toString());
    properties.put("user_id", request.caller().userId());
    properties.put("owner_id", server.projectId());
    properties.putAll(metadata);
    return properties;
  }
}
