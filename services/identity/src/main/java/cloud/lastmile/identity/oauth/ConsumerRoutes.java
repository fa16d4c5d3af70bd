package cloud.lastmile.identity.oauth;

import cloud.lastmile.identity.access.Changes;
import cloud.lastmile.identity.common.Attributes;
import cloud.lastmile.identity.common.Rules;
import cloud.lastmile.identity.common.Views;
import cloud.lastmile.identity.credential.CredentialKeys;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.ListPage;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Fields;
import cloud.lastmile.platform.http.Route;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v3/OS-OAUTH1/consumers}. The secret is shown once, when the consumer is made. */
public final class ConsumerRoutes {
  private static final String ALL = "/v3/OS-OAUTH1/consumers";
  private static final String ONE = ALL + "/{consumer_id}";
  private static final String NOUN = "OS-OAUTH1:consumer";
  private static final Set<String> KNOWN = Set.of("id", "description", "secret", "links");
  private static final int MAX_DESCRIPTION = 1024;

  private final Database database;
  private final Changes changes;
  private final ConsumerStore store;

  public ConsumerRoutes(Database database, Changes changes, CredentialKeys keys) {
    this.database = database;
    this.changes = changes;
    this.store = new ConsumerStore(keys);
  }

  public List<Route> routes() {
    return List.of(
        Route.get(ALL, Rules.systemReader("list_consumers"), this::list),
        Route.post(ALL, Rules.admin("create_consumer"), this::create),
        Route.get(ONE, Rules.systemReader("get_consumer"), this::show),
        Route.patch(ONE, Rules.admin("update_consumer"), this::update),
        Route.delete(ONE, Rules.admin("delete_consumer"), this::delete));
  }

  private static ObjectNode view(ApiRequest request, Consumer consumer) {
    ObjectNode view = Json.object();
    view.setAll(consumer.extra());
    view.put("id", consumer.id());
    view.put("description", consumer.description().orElse(null));
    return Views.linked(request, "OS-OAUTH1/consumers/" + consumer.id(), view);
  }

  static ApiException missing() {
    return ApiException.notFound("Consumer not found");
  }

  private static Consumer found(Handle handle, String id) {
    return ConsumerStore.find(handle, id).orElseThrow(ConsumerRoutes::missing);
  }

  private ApiResponse list(ApiRequest request) {
    ListPage<Consumer> page = database.read(handle -> ConsumerStore.list(handle, request.query()));
    List<ObjectNode> views = page.rows().stream().map(consumer -> view(request, consumer)).toList();
    return ApiResponse.ok(Views.collectionBody(request, "consumers", views, page.hasMore()));
  }

  private ApiResponse create(ApiRequest request) {
    Fields fields = request.body().object("consumer");
    Consumer consumer =
        new Consumer(Ids.hex(), description(fields), Attributes.extra(fields, KNOWN));
    String secret = Ids.hex();
    changes
        .by(request.context())
        .change((handle, touched) -> {
          store.insert(handle, consumer, secret);
          touched.event(NOUN, consumer.id(), "created");
        });
    return Views.member(201, "consumer", view(request, consumer).put("secret", secret));
  }

  private static Optional<String> description(Fields fields) {
    return Attributes.text(fields, "description", MAX_DESCRIPTION);
  }

  private ApiResponse show(ApiRequest request) {
    String id = request.path("consumer_id");
    Consumer consumer = database.read(handle -> found(handle, id));
    return Views.member(200, "consumer", view(request, consumer));
  }

  private ApiResponse update(ApiRequest request) {
    String id = request.path("consumer_id");
    Fields fields = request.body().object("consumer");
    if (fields.node().isEmpty()) {
      throw ApiException.badRequest("The consumer's body is empty: there is nothing to change.");
    }
    if (fields.has("secret")) {
      // Named, but not quoted: it may be one.
      throw ApiException.badRequest(
          "Invalid input for field/attribute secret. It cannot be changed.");
    }
    Attributes.requireSameId(fields, id);
    Optional<String> description = description(fields);
    Consumer changed =
        changes
            .by(request.context())
            .transact((handle, touched) -> {
              Consumer old = found(handle, id);
              Consumer consumer =
                  new Consumer(
                      id,
                      fields.has("description") ? description : old.description(),
                      Attributes.merged(old.extra(), Attributes.extra(fields, KNOWN)));
              ConsumerStore.update(handle, consumer);
              touched.event(NOUN, id, "updated");
              return consumer;
            });
    return Views.member(200, "consumer", view(request, changed));
  }

  private ApiResponse delete(ApiRequest request) {
    String id = request.path("consumer_id");
    changes
        .by(request.context())
        .change((handle, touched) -> {
          if (!ConsumerStore.delete(handle, id)) {
            throw missing();
          }
          touched.target(id);
          touched.event(NOUN, id, "deleted");
        });
    return ApiResponse.empty(204);
  }
}
