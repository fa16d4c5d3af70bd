package cloud.lastmile.compute.server;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a job on a server carries; all else it reads from the row, which is the truth.
 *
 * @param requestId of the request that asked for it
 * @param wanted beside whom a new server shall be; null if that does not matter
 */
public record ServerJob(UUID server, String requestId, @Nullable ServerNeighbours wanted) {

  public ServerJob(UUID server, String requestId) {
    this(server, requestId, null);
  }

  /** Jobs of one server run one after the other. */
  public String key() {
    return key(server);
  }

  public static String key(UUID server) {
    return "server/" + server;
  }

  public ServerNeighbours neighbours() {
    return wanted == null ? ServerNeighbours.NONE : wanted;
  }
}
