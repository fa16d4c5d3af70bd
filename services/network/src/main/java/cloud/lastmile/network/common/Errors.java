package cloud.lastmile.network.common;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.ApiException.Kind;

/** The reference's named errors that more than one noun throws. The name is the fault's type. */
public final class Errors {
  private Errors() {}

  public static ApiException badRequest(String type, String message) {
    return ApiException.of(Kind.BAD_REQUEST, type, message);
  }

  public static ApiException notFound(String type, String message) {
    return ApiException.of(Kind.NOT_FOUND, type, message);
  }

  public static ApiException conflict(String type, String message) {
    return ApiException.of(Kind.CONFLICT, type, message);
  }

  /** Neutron's {@code InvalidInput}. */
  public static ApiException invalidInput(String message) {
    return badRequest("InvalidInput", "Invalid input for operation: " + message + ".");
  }

  /** What attribute validation answers. */
  public static ApiException invalid(String attribute, String reason) {
    return badRequest(
        "HTTPBadRequest", "Invalid input for " + attribute + ". Reason: " + reason + ".");
  }

  public static ApiException networkNotFound(Object id) {
    return notFound("NetworkNotFound", "Network " + id + " could not be found.");
  }

  public static ApiException subnetNotFound(Object id) {
    return notFound("SubnetNotFound", "Subnet " + id + " could not be found.");
  }

  public static ApiException portNotFound(Object id) {
    return notFound("PortNotFound", "Port " + id + " could not be found.");
  }

  public static ApiException securityGroupNotFound(Object id) {
    return notFound("SecurityGroupNotFound", "Security group " + id + " does not exist");
  }

  public static ApiException routerNotFound(Object id) {
    return notFound("RouterNotFound", "Router " + id + " could not be found");
  }

  public static ApiException addressesExhausted(Object network) {
    return conflict(
        "IpAddressGenerationFailure", "No more IP addresses available on network " + network + ".");
  }

  public static ApiException networkInUse(Object network, String reason) {
    return conflict(
        "NetworkInUse", "Unable to complete operation on network " + network + ". " + reason + ".");
  }

  public static ApiException subnetInUse(Object subnet, String reason) {
    return conflict(
        "SubnetInUse", "Unable to complete operation on subnet " + subnet + ": " + reason + ".");
  }
}
