package cloud.lastmile.compute;

import java.util.UUID;

/**
 * What a job on a server carries; all else it reads from the row, which is the truth.
 *
 * @param requestId of the request that asked for it
 */
record ServerJob(UUID server, String requestId) {

  /** Jobs of one server run one after the other. */
  String key() {
    return key(server);
  }

  static String key(UUID server) {
    return "server/" + server;
  }
}
