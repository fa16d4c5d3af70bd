package cloud.lastmile.identity.common;

import cloud.lastmile.platform.core.Caller;
import cloud.lastmile.platform.core.Scope;
import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.Fields;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What identity's handlers ask of the caller's scope. */
public final class Callers {
  public static final String DEFAULT_DOMAIN = "default";

  private Callers() {}

  /** The domain of a domain-scoped token. */
  public static @Nullable String domainId(Caller caller) {
    return caller.scope() instanceof Scope.Domain domain ? domain.id() : null;
  }

  /** The domain that a list is asked of: the filter's, else the token's; null for all. */
  public static @Nullable String askedDomain(ApiRequest request) {
    return request.query("domain_id").orElse(domainId(request.caller()));
  }

  /** A domain-scoped caller sees only its domain in lists; {@code sql} is the domain's column. */
  public static Condition withinDomain(Caller caller, String sql) {
    String domainId = domainId(caller);
    return domainId == null ? Condition.of("TRUE") : Condition.of(sql + " = {}", domainId);
  }

  /** The domain of a new user, group or project: as given, else the token's, else the default. */
  public static String domainOf(ApiRequest request, Fields fields) {
    return Attributes.id(fields, "domain_id")
        .or(() -> Optional.ofNullable(domainId(request.caller())))
        .orElse(DEFAULT_DOMAIN);
  }
}
