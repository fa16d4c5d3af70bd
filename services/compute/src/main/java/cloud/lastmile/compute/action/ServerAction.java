package cloud.lastmile.compute.action;

import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Fields;
import java.util.Map;

/** Some of the actions of {@code POST /servers/{id}/action}. */
public interface ServerAction {

  /** What answers one action. */
  @FunctionalInterface
  interface Run {
    /**
     * @param body the whole body, {@code {"reboot": {"type": "HARD"}}}
     */
    ApiResponse run(ApiRequest request, Fields body);
  }

  /** By the name that the body's only field has. */
  Map<String, Run> actions();
}
