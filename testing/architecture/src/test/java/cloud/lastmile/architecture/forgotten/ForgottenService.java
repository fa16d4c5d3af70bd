package cloud.lastmile.architecture.forgotten;

import cloud.lastmile.platform.http.ServiceApi;
import cloud.lastmile.platform.service.Service;
import cloud.lastmile.platform.service.ServiceProfile;

/** A service that nobody wrote into the app's list. */
public final class ForgottenService implements Service {
  @Override
  public ServiceProfile profile() {
    return ServiceProfile.of("forgotten", "lethe", "/forgotten");
  }

  @Override
  public ServiceApi api() {
    throw new UnsupportedOperationException();
  }
}
