package cloud.lastmile.placement.provider;

import cloud.lastmile.placement.common.PlacementFaults;
import cloud.lastmile.placement.common.PlacementRules;
import cloud.lastmile.placement.common.StandardNames;
import cloud.lastmile.placement.common.Versions;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Fields;
import cloud.lastmile.platform.http.Route;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ObjectNode;

/** {@code /traits} and {@code /resource_providers/{uuid}/traits}. */
public final class TraitRoutes {
  private final Database database;
  private final ProviderStore providers;
  private final LabelStore labels;
  private final PlacementEvents events;

  public TraitRoutes(
      Database database, ProviderStore providers, LabelStore labels, PlacementEvents events) {
    this.database = database;
    this.providers = providers;
    this.labels = labels;
    this.events = events;
  }

  public List<Route> routes() {
    String one = "/traits/{name}";
    String own = "/resource_providers/{uuid}/traits";
    return List.of(
        Route.get("/traits", PlacementRules.LIST_TRAITS, this::list).from("1.6"),
        Route.get(one, PlacementRules.SHOW_TRAIT, this::show).from("1.6"),
        Route.put(one, PlacementRules.UPDATE_TRAIT, this::create).from("1.6"),
        Route.delete(one, PlacementRules.DELETE_TRAIT, this::delete).from("1.6"),
        Route.get(own, PlacementRules.LIST_PROVIDER_TRAITS, this::listOwn).from("1.6"),
        Route.put(own, PlacementRules.UPDATE_PROVIDER_TRAITS, this::setOwn).from("1.6"),
        Route.delete(own, PlacementRules.DELETE_PROVIDER_TRAITS, this::deleteOwn).from("1.6"));
  }

  private ApiResponse list(ApiRequest request) {
    Bodies.requireQuery(request, Set.of("name", "associated"));
    String associated = request.query("associated").orElse("").toLowerCase(Locale.ROOT);
    if (!Set.of("", "true", "false").contains(associated)) {
      throw ApiException.badRequest(
          "The query parameter \"associated\" only accepts \"true\" or \"false\"");
    }
    Set<String> names =
        database.read(handle -> {
          Set<String> all = NameStore.TRAITS.all(handle);
          if (!associated.isEmpty()) {
            Set<String> used = labels.usedTraits(handle);
            all.removeIf(name -> used.contains(name) != associated.equals("true"));
          }
          return all;
        });
    request.query("name").ifPresent(filter -> keep(names, filter));
    ObjectNode answer = Json.object();
    answer.set("traits", Json.strings(names));
    return Versions.stampedNow(request, ApiResponse.ok(answer));
  }

  private static void keep(Set<String> names, String filter) {
    int colon = filter.indexOf(':');
    if (colon < 0) {
      throw ApiException.badRequest(
          "Badly formatted name parameter. Expected name query string parameter in form:"
              + " ?name=[in|startswith]:[name1,name2|prefix]. Got: \""
              + filter
              + "\"");
    }
    String value = filter.substring(colon + 1);
    switch (filter.substring(0, colon)) {
      case "in" -> names.retainAll(List.of(value.split(",", -1)));
      case "startswith" -> names.removeIf(name -> !name.startsWith(value));
      default -> {}
    }
  }

  private ApiResponse show(ApiRequest request) {
    String name = request.path("name");
    if (!database.read(handle -> NameStore.TRAITS.has(handle, name))) {
      throw noTrait(name);
    }
    return Versions.stampedNow(request, ApiResponse.empty(204));
  }

  private static ApiException noTrait(String name) {
    return ApiException.notFound("No such trait(s): " + name + ".");
  }

  private ApiResponse create(ApiRequest request) {
    String name = request.path("name");
    if (!StandardNames.isCustom(name)) {
      throw ApiException.badRequest(
          "The trait is invalid. A valid trait must be no longer than 255 characters, start with"
              + " the prefix \"CUSTOM_\" and use following characters: \"A\"-\"Z\", \"0\"-\"9\""
              + " and \"_\"");
    }
    boolean added =
        database.transact(handle -> {
          boolean isNew = NameStore.TRAITS.add(handle, name);
          if (isNew) {
            events.named(handle, "trait", "create", name, request.context().requestId());
          }
          return isNew;
        });
    return Versions.stampedNow(request, ApiResponse.empty(added ? 201 : 204))
        .header("Location", request.baseUrl() + "/placement/traits/" + name);
  }

  private ApiResponse delete(ApiRequest request) {
    String name = request.path("name");
    if (NameStore.TRAITS.isStandard(name)) {
      throw ApiException.badRequest("Cannot delete standard trait " + name + ".");
    }
    database.change(handle -> {
      if (!NameStore.TRAITS.delete(handle, name)) {
        throw noTrait(name);
      }
      if (labels.usesTrait(handle, name)) {
        throw ApiException.conflict("The trait " + name + " is in use by a resource provider.");
      }
      events.named(handle, "trait", "delete", name, request.context().requestId());
    });
    return ApiResponse.empty(204);
  }

  private ApiResponse listOwn(ApiRequest request) {
    return database.read(handle -> {
      Provider provider = providers.require(handle, request);
      return render(request, provider, labels.traits(handle, provider.id()));
    });
  }

  private static ApiResponse render(
      ApiRequest request, Provider provider, Collection<String> traits) {
    ObjectNode answer = Json.object();
    answer.set("traits", Json.strings(traits));
    answer.put("resource_provider_generation", provider.generation());
    return Versions.stamped(request, ApiResponse.ok(answer), provider.updatedAt());
  }

  private ApiResponse setOwn(ApiRequest request) {
    Fields body = Bodies.object(request);
    int generation = Bodies.generation(body);
    Set<String> traits = new TreeSet<>();
    body.required("traits")
        .values()
        .forEach(value -> traits.add(value.text(1, StandardNames.MAX_LENGTH)));
    body.rejectUnknown();
    return database.transact(handle -> {
      Provider provider = providers.requireLocked(handle, request);
      if (provider.generation() != generation) {
        throw Versions.conflict(
            PlacementFaults.CONCURRENT_UPDATE,
            "Resource provider's generation already changed. Please update the generation and try"
                + " again.");
      }
      Set<String> missing = NameStore.TRAITS.missing(handle, traits);
      if (!missing.isEmpty()) {
        throw ApiException.badRequest("No such trait " + String.join(", ", missing));
      }
      return render(request, set(handle, request, provider, traits), traits);
    });
  }

  private Provider set(Handle handle, ApiRequest request, Provider provider, Set<String> traits) {
    if (labels.traits(handle, provider.id()).equals(traits)) {
      return provider;
    }
    labels.setTraits(handle, provider.id(), traits);
    providers.bump(handle, Set.of(provider.id()));
    Provider next = providers.find(handle, provider.id()).orElseThrow();
    events.ofProvider(handle, "traits", "update", next, request.context().requestId());
    return next;
  }

  private ApiResponse deleteOwn(ApiRequest request) {
    database.change(
        handle -> set(handle, request, providers.requireLocked(handle, request), Set.of()));
    return ApiResponse.empty(204);
  }
}
