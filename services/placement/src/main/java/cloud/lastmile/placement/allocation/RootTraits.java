package cloud.lastmile.placement.allocation;

import cloud.lastmile.placement.provider.ProviderQuery;
import cloud.lastmile.platform.http.ApiRequest;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The traits that {@code root_required} wants of the root of a tree. */
final class RootTraits {
  private RootTraits() {}

  /** A query with traits only. */
  static ProviderQuery of(ApiRequest request) {
    List<Set<String>> required = new ArrayList<>();
    Set<String> forbidden = new LinkedHashSet<>();
    request
        .query("root_required")
        .ifPresent(text -> {
          for (String part : text.split(",", -1)) {
            String trait = part.strip().replaceFirst("^!+", "");
            if (trait.isEmpty()) {
              throw ProviderQuery.badQuery(
                  "Expected 'root_required' parameter value of the form:"
                      + " HW_CPU_X86_VMX,!CUSTOM_MAGIC. Got an empty trait in: "
                      + text);
            }
            if (part.strip().startsWith("!")) {
              forbidden.add(trait);
            } else {
              required.add(Set.of(trait));
            }
          }
        });
    return new ProviderQuery(Map.of(), required, forbidden, List.of(), Set.of(), Optional.empty());
  }
}
