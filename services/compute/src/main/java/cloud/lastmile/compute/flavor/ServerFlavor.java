package cloud.lastmile.compute.flavor;

import java.util.Map;

/** The flavor as it was when the server was made; what becomes of the flavor does not matter. */
public record ServerFlavor(
    String id,
    String name,
    int vcpus,
    int ramMib,
    int diskGib,
    int ephemeralGib,
    int swapMib,
    Map<String, String> extraSpecs) {

  public static ServerFlavor of(Flavor flavor) {
    return new ServerFlavor(
        flavor.id(),
        flavor.name(),
        flavor.vcpus(),
        flavor.ramMib(),
        flavor.diskGib(),
        flavor.ephemeralGib(),
        flavor.swapMib(),
        flavor.extraSpecs());
  }
}
