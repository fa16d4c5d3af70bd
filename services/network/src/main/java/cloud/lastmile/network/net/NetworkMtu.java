package cloud.lastmile.network.net;

import cloud.lastmile.network.common.Errors;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** What the MTU of a network must be, by itself and for the subnets on it. */
public final class NetworkMtu {
  /** What every link that carries IP must pass in one piece. */
  private static final int LEAST = 68;

  private static final int LEAST_OF_VERSION_6 = 1280;

  private NetworkMtu() {}

  /**
   * The MTU of a new network.
   *
   * @param asked 0 for the largest
   * @param most what the network's type can carry
   */
  static int initial(int asked, int most) {
    if (asked == 0) {
      return most;
    }
    check(asked, most);
    return asked;
  }

  /** Of a network with subnets, which are asked first: what they need is a conflict. */
  static void checkUpdate(Handle handle, UUID network, int asked, int most) {
    List<Integer> versions =
        handle
            .createQuery("SELECT ip_version FROM network.subnet WHERE network_id = :network")
            .bind("network", network)
            .mapTo(Integer.class)
            .list();
    versions.forEach(version -> checkSubnet(network, asked, version));
    check(asked, most);
  }

  /** Whether a subnet of this version can be on the network. */
  public static void checkSubnet(Handle handle, UUID network, int ipVersion) {
    handle
        .createQuery("SELECT mtu FROM network.network WHERE id = :network")
        .bind("network", network)
        .mapTo(Integer.class)
        .findOne()
        .ifPresent(mtu -> checkSubnet(network, mtu, ipVersion));
  }

  private static void checkSubnet(UUID network, int mtu, int ipVersion) {
    int least = ipVersion == 6 && mtu >= LEAST ? LEAST_OF_VERSION_6 : LEAST;
    if (mtu < least) {
      throw Errors.conflict(
          "NetworkMTUSubnetConflict",
          "MTU of %s is not valid, subnet requires a minimum of %d".formatted(network, least));
    }
  }

  private static void check(int asked, int most) {
    if (asked > most) {
      throw Errors.invalidInput("Requested MTU is too big, maximum is " + most);
    }
    if (asked < LEAST) {
      throw Errors.invalidInput("Requested MTU is too small, minimum is " + LEAST);
    }
  }
}
