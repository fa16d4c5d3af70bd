package cloud.lastmile.compute.action;

import cloud.lastmile.compute.boot.ImagePlanner;
import cloud.lastmile.compute.boot.Passwords;
import cloud.lastmile.compute.boot.ServerDraft;
import cloud.lastmile.compute.common.Addresses;
import cloud.lastmile.compute.common.ComputePolicies;
import cloud.lastmile.compute.common.Inputs;
import cloud.lastmile.compute.common.Links;
import cloud.lastmile.compute.hardware.Hardware;
import cloud.lastmile.compute.host.Hosts;
import cloud.lastmile.compute.job.ServerRebuild;
import cloud.lastmile.compute.job.ServerTransition;
import cloud.lastmile.compute.job.ServerTransition.Rule;
import cloud.lastmile.compute.keypair.Keypair;
import cloud.lastmile.compute.keypair.KeypairStore;
import cloud.lastmile.compute.quota.ComputeQuotas;
import cloud.lastmile.compute.server.Server;
import cloud.lastmile.compute.server.ServerChange;
import cloud.lastmile.compute.server.ServerFinder;
import cloud.lastmile.compute.server.TaskState;
import cloud.lastmile.compute.server.VmState;
import cloud.lastmile.compute.view.ServerView;
import cloud.lastmile.compute.view.ViewOptions;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Fields;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import tools.jackson.databind.node.ObjectNode;

/** {@code rebuild}: a new root disk, from the same or another image. */
public final class RebuildAction implements ServerAction {
  private static final Rule RULE =
      new Rule(
          "rebuild",
          "rebuild",
          "compute_rebuild_instance",
          Set.of(VmState.ACTIVE, VmState.STOPPED, VmState.ERROR),
          Set.of());

  private final Database database;
  private final ServerFinder finder;
  private final ServerTransition transition;
  private final ServerRebuild rebuild;
  private final ImagePlanner images;
  private final KeypairStore keypairs;
  private final ComputeQuotas quotas;
  private final ServerView view;
  private final Hosts hosts;

  public RebuildAction(
      Database database,
      ServerFinder finder,
      ServerTransition transition,
      ServerRebuild rebuild,
      ImagePlanner images,
      KeypairStore keypairs,
      ComputeQuotas quotas,
      ServerView view,
      Hosts hosts) {
    this.database = database;
    this.finder = finder;
    this.transition = transition;
    this.rebuild = rebuild;
    this.images = images;
    this.keypairs = keypairs;
    this.quotas = quotas;
    this.view = view;
    this.hosts = hosts;
  }

  @Override
  public Map<String, Run> actions() {
    return Map.of("rebuild", this::run);
  }

  private ApiResponse run(ApiRequest request, Fields body) {
    Server server = finder.find(request, ComputePolicies.SERVERS_REBUILD);
    Fields fields = body.object("rebuild");
    UUID imageId = ServerDraft.imageId(fields.required("imageRef"));
    String password =
        fields.optional("adminPass").map(v -> v.text(0, 255)).orElseGet(Passwords::random);
    ServerChange asked = change(request, server, fields);
    fields.rejectUnknown();
    ServerTransition.requireState(server, RULE);
    Server.Image image =
        images.plan(request.caller(), imageId, server.flavor(), "Cannot find image for rebuild");
    image.diskConfig(fields.optional("OS-DCF:diskConfig").map(ServerDraft::diskConfig));
    requireHostHas(server, image);
    Server rebuilding =
        transition.begin(
            request,
            server,
            RULE,
            locked ->
                withPassword(asked, locked, image, password)
                    .nextTask(TaskState.REBUILDING)
                    .progress(0)
                    .image(image)
                    .diskGeneration(locked.diskGeneration() + 1),
            rebuild.saga());
    ObjectNode answer = Json.object();
    ObjectNode shown =
        view.full(rebuilding, ViewOptions.of(request, ViewOptions.Kind.REBUILD, rebuilding, hosts));
    shown.put("adminPass", password);
    answer.set("server", shown);
    return ApiResponse.json(202, answer)
        .header("Location", Links.self(request.baseUrl(), "servers", server.id().toString()));
  }

  /** A rebuilt server stays where it is. */
  private void requireHostHas(Server server, Server.Image image) {
    server
        .where()
        .host()
        .flatMap(hosts::record)
        .flatMap(host -> Hardware.lacks(image.properties(), server.flavor(), host.facts()))
        .ifPresent(lacking -> {
          throw ApiException.badRequest(Hardware.IMAGE + lacking);
        });
  }

  private static ServerChange withPassword(
      ServerChange change, Server server, Server.Image image, String password) {
    boolean drive = server.boot().configDrive() || image.needsConfigDrive();
    return drive ? change.configDrive(true).adminPassword(password) : change;
  }

  private ServerChange change(ApiRequest request, Server server, Fields fields) {
    ServerChange change = ServerChange.none();
    if (fields.has("name")) {
      change = change.name(Inputs.name(fields.required("name")));
    }
    if (fields.has("metadata")) {
      Map<String, String> metadata = Inputs.metadata(fields.required("metadata"));
      database.change(
          handle -> quotas.requireMetadataFits(handle, server.projectId(), metadata.size()));
      change = change.metadata(metadata);
    }
    if (fields.has("accessIPv4")) {
      change = change.accessIpV4(Addresses.v4OrEmpty(fields.required("accessIPv4")));
    }
    if (fields.has("accessIPv6")) {
      change = change.accessIpV6(Addresses.v6OrEmpty(fields.required("accessIPv6")));
    }
    if (fields.has("OS-DCF:diskConfig")) {
      change = change.diskConfig(ServerDraft.diskConfig(fields.required("OS-DCF:diskConfig")));
    }
    fields.bool("preserve_ephemeral", false);
    return versioned(request, server, fields, change);
  }

  private ServerChange versioned(
      ApiRequest request, Server server, Fields fields, ServerChange before) {
    ServerChange change = before;
    if (request.atLeast("2.19") && fields.has("description")) {
      change =
          change.description(fields.optional("description").map(v -> Inputs.description(v, 255)));
    }
    if (request.atLeast("2.54") && fields.has("key_name")) {
      change = change.key(fields.optional("key_name").map(v -> key(server, v)));
    }
    if (request.atLeast("2.57")) {
      if (fields.has("user_data")) {
        change = change.userData(fields.optional("user_data").map(ServerDraft::userData));
      }
    } else if (fields.has("personality") && !fields.required("personality").values().isEmpty()) {
      throw fields.invalid("personality", "Files are not injected here; use user_data instead");
    }
    if (request.atLeast("2.63")
        && fields
            .optional("trusted_image_certificates")
            .filter(v -> !v.values().isEmpty())
            .isPresent()) {
      throw fields.invalid(
          "trusted_image_certificates", "Signatures of images are not verified here");
    }
    if (request.atLeast("2.90") && fields.has("hostname")) {
      change = change.hostname(Inputs.hostname(fields.required("hostname")));
    }
    return change;
  }

  private Server.Key key(Server server, Fields.Value value) {
    Optional<Keypair> found =
        database.read(handle -> keypairs.find(handle, server.userId(), value.text(1, 255)));
    return found
        .map(key -> new Server.Key(key.name(), key.type(), key.publicKey()))
        .orElseThrow(() -> ApiException.badRequest("Invalid key_name provided."));
  }
}
