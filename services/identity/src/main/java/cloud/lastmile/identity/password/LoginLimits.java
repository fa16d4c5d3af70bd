package cloud.lastmile.identity.password;

/**
 * How many logins may fail in a minute, on each node, before further ones are refused unheard.
 *
 * @param perAccountAndAddress of one user from one address
 * @param perAddress from one address, whoever is tried
 * @param perAccount of one user from addresses it never logged in from
 */
public record LoginLimits(int perAccountAndAddress, int perAddress, int perAccount) {

  /** Far above what fingers do, far below what guessing needs. */
  public static LoginLimits standard() {
    return new LoginLimits(30, 600, 300);
  }

  public LoginLimits {
    if (perAccountAndAddress < 1 || perAddress < 1 || perAccount < 1) {
      throw new IllegalArgumentException("login limits: at least one");
    }
  }
}
