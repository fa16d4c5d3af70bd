package cloud.lastmile.identity.policy;

import org.jspecify.annotations.Nullable;

/** What a policy is for: an endpoint, a service, or a service in a region. */
record PolicyTarget(
    @Nullable String endpointId, @Nullable String serviceId, @Nullable String regionId) {

  static PolicyTarget endpoint(String endpointId) {
    return new PolicyTarget(endpointId, null, null);
  }

  static PolicyTarget service(String serviceId, @Nullable String regionId) {
    return new PolicyTarget(null, serviceId, regionId);
  }
}
