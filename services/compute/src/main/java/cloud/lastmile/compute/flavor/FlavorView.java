package cloud.lastmile.compute.flavor;

import cloud.lastmile.compute.common.ComputePolicies;
import cloud.lastmile.compute.common.JsonColumns;
import cloud.lastmile.compute.common.Links;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.http.ApiRequest;
import tools.jackson.databind.node.ObjectNode;

/** Flavors as the API shows them, by microversion. */
final class FlavorView {
  private FlavorView() {}

  static ObjectNode brief(ApiRequest request, Flavor flavor) {
    ObjectNode view = Json.object();
    view.put("id", flavor.id());
    view.put("name", flavor.name());
    view.set("links", Links.of(request, "flavors", flavor.id()));
    if (request.atLeast("2.55")) {
      view.put("description", flavor.description().orElse(null));
    }
    return view;
  }

  static ObjectNode full(ApiRequest request, Flavor flavor) {
    ObjectNode view = brief(request, flavor);
    view.put("ram", flavor.ramMib());
    view.put("disk", flavor.diskGib());
    if (flavor.swapMib() == 0 && !request.atLeast("2.75")) {
      view.put("swap", "");
    } else {
      view.put("swap", flavor.swapMib());
    }
    view.put("OS-FLV-EXT-DATA:ephemeral", flavor.ephemeralGib());
    view.put("OS-FLV-DISABLED:disabled", flavor.disabled());
    view.put("vcpus", flavor.vcpus());
    view.put("os-flavor-access:is_public", flavor.isPublic());
    view.put("rxtx_factor", flavor.rxtxFactor());
    if (request.atLeast("2.61") && request.allows(ComputePolicies.EXTRA_SPECS_INDEX)) {
      view.set("extra_specs", JsonColumns.object(flavor.extraSpecs()));
    }
    return view;
  }
}
