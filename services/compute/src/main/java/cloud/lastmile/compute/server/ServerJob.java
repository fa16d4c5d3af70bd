package cloud.lastmile.compute.server;

import java.util.UUID;

/**
 * What a job on a server carries; all else it reads from the row, which is the truth.
 *
 * @param requestId of the request that asked for it
 */
public record ServerJob(UUID server, String requestId) {

  /** Jobs of one server run one after the other. */
  public String key() {
    return key(server);
  }

  public static String key(UUID server) {
    return "server/" + server;
  }
}
