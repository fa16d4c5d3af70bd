package cloud.lastmile.identity.federation;

import cloud.lastmile.identity.access.Changes;
import cloud.lastmile.identity.access.Touched;
import cloud.lastmile.identity.common.Faults;
import cloud.lastmile.identity.federation.mapping.Assertion;
import cloud.lastmile.identity.federation.mapping.Mapped;
import cloud.lastmile.identity.federation.mapping.Mapped.GroupName;
import cloud.lastmile.identity.federation.mapping.Mapping;
import cloud.lastmile.identity.federation.mapping.MappingEngine;
import cloud.lastmile.identity.federation.mapping.MappingRules;
import cloud.lastmile.identity.federation.mapping.MappingStore;
import cloud.lastmile.identity.federation.mapping.Unmappable;
import cloud.lastmile.identity.user.FederatedIdentities;
import cloud.lastmile.identity.user.FederatedIdentities.Identity;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.core.RequestContext;
import cloud.lastmile.platform.core.Timestamps;
import cloud.lastmile.platform.database.Database;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Makes a user of who a provider says somebody is: by the mapping of the protocol, with the groups
 * and projects that it says. Why it cannot is told to the log, not to the client.
 */
final class FederatedLogin {
  private static final Logger LOG = LoggerFactory.getLogger(FederatedLogin.class);
  private static final String USUAL_ATTRIBUTE = "HTTP_OIDC_ISS";
  private static final int MAX_NAME = 255;
  private static final Set<String> TAKEN = Set.of("account_pkey", "federated_identity_pkey");

  private final Database database;
  private final Changes changes;
  private final Duration tokenLife;
  private final InstantSource clock;

  FederatedLogin(Database database, Changes changes, Duration tokenLife, InstantSource clock) {
    this.database = database;
    this.changes = changes;
    this.tokenLife = tokenLife;
    this.clock = clock;
  }

  /** A provider that is enabled, and a protocol of it. */
  record Entrance(IdentityProvider provider, FederationProtocol protocol) {}

  /**
   * Who logged in.
   *
   * @param local whether it is a user that was here already, whose groups and roles are its own
   */
  record Login(String userId, boolean local) {}

  /**
   * @throws ApiException not found or forbidden, in the reference's words
   */
  Entrance entrance(String providerId, String protocolId) {
    return database.read(handle -> {
      IdentityProvider provider =
          ProviderStore.find(handle, providerId)
              .orElseThrow(() -> ProviderRoutes.missing(providerId));
      if (!provider.enabled()) {
        throw ApiException.forbidden("Identity Provider " + providerId + " is disabled");
      }
      FederationProtocol protocol =
          ProtocolStore.find(handle, providerId, protocolId)
              .orElseThrow(() -> ProtocolRoutes.missing(providerId, protocolId));
      return new Entrance(provider, protocol);
    });
  }

  /** The enabled providers that speak the protocol. */
  List<String> providers(String protocolId) {
    return database.read(handle -> ProtocolStore.enabledProviders(handle, protocolId));
  }

  /**
   * @throws ApiException unauthorized, if the mapping makes no user of the assertion
   */
  Login login(RequestContext context, Entrance entrance, Assertion assertion) {
    FederationProtocol protocol = entrance.protocol();
    requireKnown(entrance, assertion);
    Mapping mapping =
        database
            .read(handle -> MappingStore.find(handle, protocol.mappingId()))
            .orElseThrow(() -> Faults.notFound("mapping", protocol.mappingId()));
    try {
      Mapped mapped = new MappingEngine(mapping).process(assertion);
      return mapped.user().local()
          ? local(mapped)
          : shadow(context, entrance, mapping, named(mapped, assertion));
    } catch (Unmappable reason) {
      throw refused(entrance, reason);
    }
  }

  private static ApiException refused(Entrance entrance, Unmappable reason) {
    LOG.warn(
        "Nobody logs in from {} by mapping {}: {}",
        entrance.provider().id(),
        entrance.protocol().mappingId(),
        reason.getMessage());
    return ApiException.unauthorized("The request you have made requires authentication.");
  }

  /** The provider must be one of those that ours may call itself. */
  private static void requireKnown(Entrance entrance, Assertion assertion) {
    List<String> remoteIds = entrance.provider().remoteIds();
    if (remoteIds.isEmpty()) {
      return;
    }
    String attribute =
        Objects.requireNonNullElse(entrance.protocol().remoteIdAttribute(), USUAL_ATTRIBUTE);
    List<String> values = assertion.of(attribute);
    if (values.isEmpty()) {
      throw refused(entrance, new Unmappable("the assertion has no " + attribute));
    }
    if (!remoteIds.containsAll(values)) {
      LOG.warn(
          "Nobody logs in from {}: its remote ids are {}, and {} says {}",
          entrance.provider().id(),
          remoteIds,
          attribute,
          Plain.of(values.toString()));
      throw ApiException.forbidden(
          "Incoming identity provider identifier not included among the accepted identifiers.");
    }
  }

  private Login local(Mapped mapped) throws Unmappable {
    Mapped.User user = mapped.user();
    return database
        .read(handle -> {
          Optional<String> domainId =
              user.domain()
                  .flatMap(domain ->
                      domain
                          .id()
                          .or(() ->
                              FederationStore.domainByName(handle, domain.name().orElse(""))));
          return FederationStore.localUser(handle, user.id(), user.name(), domainId);
        })
        .map(id -> new Login(id, true))
        .orElseThrow(() -> new Unmappable("there is no enabled local user as mapped"));
  }

  /** With id and name, each from the other or from who the provider says it is. */
  private static Mapped named(Mapped mapped, Assertion assertion) throws Unmappable {
    Mapped.User user = mapped.user();
    Optional<String> name =
        filled(user.name()).or(() -> filled(Optional.of(assertion.remoteUser())));
    Optional<String> id = filled(user.id()).or(() -> name);
    if (id.isEmpty()) {
      throw new Unmappable("the mapping gives neither id nor name of the user");
    }
    String shown = name.orElse(id.get());
    String uniqueId = Quoted.of(id.get());
    if (shown.codePointCount(0, shown.length()) > MAX_NAME || uniqueId.length() > MAX_NAME) {
      throw new Unmappable("the user's id or name is too long");
    }
    return new Mapped(
        new Mapped.User(
            Optional.of(uniqueId), Optional.of(shown), user.email(), user.domain(), false),
        mapped.groupIds(),
        mapped.groups(),
        mapped.projects());
  }

  private static Optional<String> filled(Optional<String> text) {
    return text.filter(value -> !value.isBlank() && value.indexOf('\0') < 0);
  }

  private Login shadow(RequestContext context, Entrance entrance, Mapping mapping, Mapped mapped)
      throws Unmappable {
    try {
      return write(context, entrance, mapping, mapped);
    } catch (RuntimeException failure) {
      Optional<String> violated = Database.violated(failure);
      if (violated.isPresent() && TAKEN.contains(violated.get())) {
        // Another login made the user a moment ago.
        return write(context, entrance, mapping, mapped);
      }
      throw failure;
    }
  }

  private Login write(RequestContext context, Entrance entrance, Mapping mapping, Mapped mapped)
      throws Unmappable {
    try {
      return changes
          .by(context)
          .transact((handle, touched) -> {
            try {
              return write(handle, touched, entrance, mapping, mapped);
            } catch (Unmappable reason) {
              throw new Wrapped(reason);
            }
          });
    } catch (Wrapped wrapped) {
      throw wrapped.reason;
    }
  }

  /** Carries the reason out of the transaction, which is rolled back. */
  private static final class Wrapped extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final Unmappable reason;

    Wrapped(Unmappable reason) {
      super(null, null, false, false);
      this.reason = reason;
    }
  }

  private Login write(
      Handle handle, Touched touched, Entrance entrance, Mapping mapping, Mapped mapped)
      throws Unmappable {
    IdentityProvider provider = entrance.provider();
    String providerDomain = provider.domainId();
    Domains domains = new Domains(handle, provider.id(), providerDomain, providerDomain);
    domains = domains.ofUser(domains.id(mapped.user().domain()));
    Set<String> groups = groups(handle, domains, mapped);
    Identity identity =
        new Identity(provider.id(), entrance.protocol().id(), mapped.user().id().orElseThrow());
    String userId = user(handle, touched, identity, domains.ofUser(), mapped.user());
    Instant now = Timestamps.truncate(clock.instant());
    FederationStore.active(handle, userId, LocalDate.ofInstant(now, ZoneOffset.UTC));
    int ttl = Objects.requireNonNullElse(provider.authorizationTtl(), 0);
    if (FederationStore.replaceMemberships(
        handle,
        userId,
        provider.id(),
        groups,
        now.plus(tokenLife),
        now.plus(Duration.ofMinutes(ttl)))) {
      touched.user(userId);
    }
    boolean only = MappingRules.since(mapping.schemaVersion(), "3.0");
    if (only || !mapped.projects().isEmpty()) {
      new MappedProjects(handle, touched, domains).grant(userId, mapped.projects(), only);
    }
    return new Login(userId, false);
  }

  private static Set<String> groups(Handle handle, Domains domains, Mapped mapped)
      throws Unmappable {
    Set<String> groups = new HashSet<>(mapped.groupIds());
    if (!FederationStore.existingGroups(handle, groups).containsAll(groups)) {
      throw new Unmappable("a group that the mapping names by id is not there");
    }
    for (GroupName group : mapped.groups()) {
      String domainId = domains.id(Optional.of(group.domain()));
      FederationStore.groupByName(handle, domainId, group.name())
          .ifPresentOrElse(
              groups::add, () -> LOG.debug("There is no group {} to be in", group.name()));
    }
    return groups;
  }

  private String user(
      Handle handle, Touched touched, Identity identity, String domainId, Mapped.User user) {
    ObjectNode extra = Json.object();
    user.email().filter(email -> email.indexOf('\0') < 0).ifPresent(it -> extra.put("email", it));
    String name = user.name().orElseThrow();
    Optional<String> known = FederatedIdentities.userOf(handle, identity);
    if (known.isPresent()) {
      if (FederationStore.updateUser(handle, known.get(), name, extra.toString())) {
        touched.user(known.get());
        touched.event("user", known.get(), "updated");
      }
      return known.get();
    }
    String id = Quoted.digest(identity, domainId);
    FederationStore.insertUser(handle, id, domainId, name, extra.toString(), clock.instant());
    FederatedIdentities.insert(handle, id, List.of(identity));
    touched.user(id);
    touched.event("user", id, "created");
    return id;
  }
}
