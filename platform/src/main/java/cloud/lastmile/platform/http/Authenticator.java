package cloud.lastmile.platform.http;

import cloud.lastmile.platform.core.Caller;
import java.util.Optional;

/** Turns a token into its caller. Identity implements it; it must be fast and hold no lock. */
@FunctionalInterface
public interface Authenticator {

  /** Empty if the token is malformed, tampered with, expired or revoked. */
  Optional<Caller> authenticate(String token);
}
