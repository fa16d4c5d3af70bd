package cloud.lastmile.platform.http;

import java.io.Serializable;

/**
 * What answers a route. Reads in one order: context, policy, version, validate, act, render.
 *
 * <p>Serializable only so that the golden route list can name the method behind a reference.
 */
@FunctionalInterface
public interface Handler extends Serializable {

  /**
   * Throws {@code ApiException} for what the caller may know; anything else becomes a logged 500.
   */
  ApiResponse handle(ApiRequest request) throws Exception;
}
