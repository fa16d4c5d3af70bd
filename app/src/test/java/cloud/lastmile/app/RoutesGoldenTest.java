package cloud.lastmile.app;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.platform.http.Handler;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.http.ServiceApi;
import cloud.lastmile.platform.resource.Resource;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/routes.txt} is every route with its handler and its policy rule. A new route shows in
 * the diff; {@code -Dgolden.write=true} rewrites the file.
 */
class RoutesGoldenTest {
  private static final Path FILE =
      Path.of(System.getProperty("lastmile.root"), "docs", "routes.txt");

  @Test
  void docsRoutesIsUpToDate() throws Exception {
    List<String> lines = new ArrayList<>();
    for (ServiceApi service : TestCloud.shared().apis()) {
      for (Route route : service.routes()) {
        lines.add(line(service, route));
      }
    }
    lines.sort(null);
    String text = String.join("\n", lines) + "\n";
    if (Boolean.getBoolean("golden.write")) {
      Files.writeString(FILE, text);
    }
    assertThat(text).isEqualTo(Files.readString(FILE));
  }

  private static String line(ServiceApi service, Route route) throws Exception {
    String versions = "";
    if (route.min() != null) {
      versions += " from " + route.min();
    }
    if (route.max() != null) {
      versions += " up to " + route.max();
    }
    return "%-6s %s%s  %s  %s%s"
        .formatted(
            route.method(),
            service.prefix(),
            route.path(),
            handler(route.handler()),
            route.rule().name(),
            versions);
  }

  /**
   * The method behind a reference; the handler's own name for a lambda is its class. What all nouns
   * do alike is said with the noun, whose description is the class of its name.
   */
  private static String handler(Handler handler) throws Exception {
    Method replace = handler.getClass().getDeclaredMethod("writeReplace");
    replace.setAccessible(true);
    SerializedLambda lambda = (SerializedLambda) replace.invoke(handler);
    String type = lambda.getImplClass();
    String method = lambda.getImplMethodName();
    String simple = type.substring(type.lastIndexOf('/') + 1).replace('$', '.');
    String noun =
        lambda.getCapturedArgCount() == 1 && lambda.getCapturedArg(0) instanceof Resource<?> all
            ? all.noun().singular() + ":"
            : "";
    return noun + (method.startsWith("lambda$") ? simple : simple + "." + method);
  }
}
