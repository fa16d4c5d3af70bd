package cloud.lastmile.identity.resource;

import cloud.lastmile.identity.access.Changes;
import cloud.lastmile.identity.common.Attributes;
import cloud.lastmile.identity.common.Callers;
import cloud.lastmile.identity.common.Faults;
import cloud.lastmile.identity.common.Rules;
import cloud.lastmile.identity.common.Views;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Fields;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** {@code /v3/domains}. */
public final class DomainRoutes {
  private static final PolicyRule LIST =
      Rules.systemReaderOr("list_domains", "(role:reader and domain_id:%(target.domain.id)s)");
  private static final PolicyRule GET =
      Rules.systemReaderOr(
          "get_domain",
          "token.domain.id:%(target.domain.id)s or token.project.domain.id:%(target.domain.id)s");
  private static final PolicyRule CREATE = Rules.admin("create_domain");
  private static final PolicyRule UPDATE = Rules.admin("update_domain");
  private static final PolicyRule DELETE = Rules.admin("delete_domain");

  private final Database database;
  private final Changes changes;
  private final InstantSource clock;

  public DomainRoutes(Database database, Changes changes, InstantSource clock) {
    this.database = database;
    this.changes = changes;
    this.clock = clock;
  }

  public List<Route> routes() {
    return List.of(
        Route.get("/v3/domains", LIST, this::list).enforcedByHandler(),
        Route.post("/v3/domains", CREATE, this::create),
        Route.get("/v3/domains/{domain_id}", GET, this::show).enforcedByHandler(),
        Route.patch("/v3/domains/{domain_id}", UPDATE, this::update),
        Route.delete("/v3/domains/{domain_id}", DELETE, this::delete));
  }

  private ApiResponse list(ApiRequest request) {
    request.enforce(Rules.target("target.domain.id", Callers.domainId(request.caller())));
    Condition visible = Callers.withinDomain(request.caller(), "p.id");
    Condition within = new Condition("p.is_domain AND " + visible.sql(), visible.values());
    return Views.list(
        request,
        database,
        "domains",
        ProjectStore.asked(request.query(), within),
        domain -> ProjectView.domain(request, domain));
  }

  private ApiResponse create(ApiRequest request) {
    Fields fields = request.body().object("domain");
    String id =
        fields
            .optional("explicit_domain_id")
            .map(value -> {
              String text = value.text(1, 64);
              if (!text.matches("[0-9a-f]{32}")) {
                throw ApiException.badRequest(
                    "Domain ID does not conform to required UUID format.");
              }
              return text;
            })
            .orElseGet(Ids::hex);
    Project domain = ProjectChange.parse(fields, id, Optional.empty(), Optional.empty());
    if (domain.name().equalsIgnoreCase("Federated")) {
      throw fields.invalid("name", "Domain cannot be named " + domain.name());
    }
    ProjectChange.insert(changes.by(request.context()), domain, 0);
    return Views.member(201, "domain", ProjectView.domain(request, domain));
  }

  private ApiResponse show(ApiRequest request) {
    String id = request.path("domain_id");
    Optional<Project> domain = find(id);
    request.enforce(Rules.target("target.domain.id", domain.map(Project::id).orElse(null)));
    Project found = domain.orElseThrow(() -> Faults.notFound("domain", id));
    return Views.member(200, "domain", ProjectView.domain(request, found));
  }

  private ApiResponse update(ApiRequest request) {
    Project domain = existing(request);
    Fields fields = request.body().object("domain");
    Attributes.requireSameId(fields, domain.id());
    Project changed = ProjectChange.commit(changes.by(request.context()), clock, domain, fields);
    return Views.member(200, "domain", ProjectView.domain(request, changed));
  }

  private ApiResponse delete(ApiRequest request) {
    Project domain = existing(request);
    changes
        .by(request.context())
        .change((handle, touched) ->
            ProjectChange.delete(
                handle,
                touched,
                ProjectStore.lock(handle, domain.id())
                    .orElseThrow(() -> Faults.notFound("domain", domain.id()))));
    return ApiResponse.empty(204);
  }

  private Project existing(ApiRequest request) {
    String id = request.path("domain_id");
    return find(id).orElseThrow(() -> Faults.notFound("domain", id));
  }

  private Optional<Project> find(String id) {
    return database.read(handle -> ProjectStore.findDomain(handle, id));
  }
}
