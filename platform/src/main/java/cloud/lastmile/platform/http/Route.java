package cloud.lastmile.platform.http;

import cloud.lastmile.platform.policy.PolicyRule;
import org.jspecify.annotations.Nullable;

/**
 * One line of a service's route table.
 *
 * <p>The rule is checked before the handler, on the caller's own scope. A route whose rule depends
 * on what is acted on says {@link #enforcedByHandler()}; its handler must then call {@link
 * ApiRequest#enforce} and the server answers 500, not the handler's answer, if it did not.
 *
 * @param method upper case
 * @param path segments, {@code {name}} for a parameter: {@code /v2.1/servers/{server_id}}; the last
 *     one may be {@code {name*}}, which takes the rest of the path
 * @param min first microversion that has it, null for all
 * @param max last microversion that has it, null for all
 */
public record Route(
    String method,
    String path,
    PolicyRule rule,
    Handler handler,
    boolean handlerEnforces,
    @Nullable Microversion min,
    @Nullable Microversion max) {

  private static Route of(String method, String path, PolicyRule rule, Handler handler) {
    return new Route(method, path, rule, handler, false, null, null);
  }

  public static Route get(String path, PolicyRule rule, Handler handler) {
    return of("GET", path, rule, handler);
  }

  public static Route head(String path, PolicyRule rule, Handler handler) {
    return of("HEAD", path, rule, handler);
  }

  public static Route post(String path, PolicyRule rule, Handler handler) {
    return of("POST", path, rule, handler);
  }

  public static Route put(String path, PolicyRule rule, Handler handler) {
    return of("PUT", path, rule, handler);
  }

  public static Route patch(String path, PolicyRule rule, Handler handler) {
    return of("PATCH", path, rule, handler);
  }

  public static Route delete(String path, PolicyRule rule, Handler handler) {
    return of("DELETE", path, rule, handler);
  }

  public Route enforcedByHandler() {
    return new Route(method, path, rule, handler, true, min, max);
  }

  public Route from(String microversion) {
    return new Route(
        method, path, rule, handler, handlerEnforces, Microversion.of(microversion), max);
  }

  /** The last microversion that has this route. */
  public Route upTo(String microversion) {
    return new Route(
        method, path, rule, handler, handlerEnforces, min, Microversion.of(microversion));
  }

  boolean has(Microversion version) {
    return (min == null || version.atLeast(min)) && (max == null || max.atLeast(version));
  }
}
