package cloud.lastmile.image.request;

import cloud.lastmile.image.common.AttributeRules;
import cloud.lastmile.image.record.ImageAccess.Seen;
import cloud.lastmile.image.record.ImageAttributes;
import cloud.lastmile.image.record.ImageEvents;
import cloud.lastmile.image.record.ImageQuotas;
import cloud.lastmile.image.record.ImageRecord;
import cloud.lastmile.image.record.ImageRules;
import cloud.lastmile.image.record.ImageStatus;
import cloud.lastmile.image.record.ImageStore;
import cloud.lastmile.image.request.ImagePatch.Change;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Changes an image's attributes, all or none. */
public final class ImageUpdate {
  private final Database database;
  private final ImageStore images;
  private final ImageQuotas quotas;
  private final ImageEvents events;

  public ImageUpdate(Database database, ImageStore images, ImageQuotas quotas, ImageEvents events) {
    this.database = database;
    this.images = images;
    this.quotas = quotas;
    this.events = events;
  }

  ImageRecord run(ApiRequest request, Seen seen, List<Change> changes) {
    boolean isAdmin = request.caller().hasRole("admin");
    for (Change change : changes) {
      if (change.name().equals("visibility")) {
        change
            .value()
            .ifPresent(
                value -> ImageRules.enforceVisibility(request, value.asString(), seen.target()));
      }
      if (change.name().equals(ImagePatch.LOCATIONS)) {
        throw ApiException.forbidden(
            "It's not allowed to %s locations if locations are invisible."
                .formatted(change.operation().name().toLowerCase(Locale.ROOT)));
      }
      if (change.name().equals("owner")) {
        checkOwner(change, isAdmin);
      }
    }
    request.enforce(seen.target());
    return database.transact(handle -> {
      ImageRecord image =
          images
              .lock(handle, seen.id())
              .orElseThrow(() -> ImageRules.noImage(seen.id().toString()));
      if (changes.isEmpty()) {
        return image;
      }
      ObjectNode tree = Json.object();
      image.attributes().writeTo(tree);
      changes.forEach(change -> apply(tree, change, image.status()));
      AttributeRules.checkWhole(tree);
      images.update(handle, image.id(), ImageAttributes.of(tree));
      ImageRecord after = images.find(handle, image.id()).orElseThrow();
      events.image(handle, "update", after, request.context().requestId());
      if (!after.owner().equals(image.owner())) {
        quotas.move(handle, image.owner(), after.owner(), ImageQuotas.of(image));
      }
      return after;
    });
  }

  private static void checkOwner(Change change, boolean isAdmin) {
    if (!isAdmin) {
      throw ApiException.forbidden("Owner can't be updated by non admin.");
    }
    if (change.value().filter(JsonNode::isString).isEmpty()) {
      throw ApiException.badRequest("Attribute 'owner' must name a project.");
    }
  }

  private static void apply(ObjectNode tree, Change change, String status) {
    String name = change.name();
    boolean isBase = AttributeRules.BASE.contains(name);
    Optional<JsonNode> value = change.value();
    switch (change.operation()) {
      case REPLACE -> {
        if (!tree.has(name)) {
          throw ApiException.conflict("Property " + name + " does not exist.");
        }
      }
      case ADD -> {
        if (change.strictAdd() && tree.has(name)) {
          throw ApiException.conflict("Property " + name + " already present.");
        }
      }
      case REMOVE -> {
        if (isBase) {
          throw ApiException.forbidden("Property " + name + " may not be removed.");
        }
        if (!tree.has(name)) {
          throw ApiException.conflict("Property " + name + " does not exist.");
        }
      }
    }
    if ((name.equals("disk_format") || name.equals("container_format"))
        && !status.equals(ImageStatus.QUEUED)) {
      throw ApiException.forbidden(
          "Attribute " + name + " can be only replaced for a queued image.");
    }
    value.ifPresentOrElse(present -> tree.set(name, present), () -> tree.remove(name));
  }
}
