package cloud.lastmile.identity.federation;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where users log in elsewhere.
 *
 * @param domainId where its users are, unless a mapping says otherwise
 * @param authorizationTtl minutes that group memberships outlive the token they came with
 * @param remoteIds what the provider calls itself, sorted; any will do if there are none
 */
public record IdentityProvider(
    String id,
    String domainId,
    boolean enabled,
    @Nullable String description,
    @Nullable Integer authorizationTtl,
    List<String> remoteIds) {

  public IdentityProvider {
    remoteIds = remoteIds.stream().sorted().toList();
  }
}
