package cloud.lastmile.placement.provider;

import cloud.lastmile.placement.common.PlacementFaults;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.ApiException.Kind;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.http.ApiRequest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * What a request wants of providers, in the query language that the list of providers and the
 * candidates share.
 *
 * @param resources amounts by resource class, in the order of the request
 * @param required of each of these sets of traits at least one
 * @param memberOf of each of these sets of aggregates at least one
 */
public record ProviderQuery(
    Map<String, Long> resources,
    List<Set<String>> required,
    Set<String> forbidden,
    List<Set<UUID>> memberOf,
    Set<UUID> forbiddenAggregates,
    Optional<UUID> inTree) {

  public static ProviderQuery of(ApiRequest request) {
    List<Set<String>> required = new ArrayList<>();
    Set<String> forbidden = new LinkedHashSet<>();
    List<String> traits = request.query().getOrDefault("required", List.of());
    // Before 1.39 the last one of several counts.
    boolean isRepeatable = request.atLeast("1.39");
    for (String text : isRepeatable || traits.isEmpty() ? traits : List.of(traits.getLast())) {
      traits(request, text, required, forbidden);
    }
    List<Set<UUID>> memberOf = new ArrayList<>();
    Set<UUID> forbiddenAggregates = new LinkedHashSet<>();
    aggregates(request, memberOf, forbiddenAggregates);
    return new ProviderQuery(
        request.query("resources").map(ProviderQuery::resources).orElse(Map.of()),
        required,
        forbidden,
        memberOf,
        forbiddenAggregates,
        request.query("in_tree").map(ProviderQuery::tree));
  }

  public static ApiException badQuery(String message) {
    return ApiException.of(
        Kind.BAD_REQUEST,
        PlacementFaults.BAD_QUERY_VALUE,
        "Invalid query string parameters: " + message);
  }

  private static UUID tree(String text) {
    return Ids.parseUuid(text.strip())
        .orElseThrow(
            () -> badQuery("Expected 'in_tree' parameter to be a format of uuid. Got: " + text));
  }

  private static Map<String, Long> resources(String text) {
    String form =
        "Badly formed resources parameter. Expected resources query string parameter in form:"
            + " ?resources=VCPU:2,MEMORY_MB:1024. Got: ";
    if (text.isBlank()) {
      throw ApiException.badRequest(form + "empty string.");
    }
    Map<String, Long> resources = new LinkedHashMap<>();
    for (String part : text.split(",", -1)) {
      String[] words = part.split(":", -1);
      if (words.length != 2) {
        throw ApiException.badRequest(form + part + ".");
      }
      if (!words[1].strip().matches("[+-]?\\d{1,18}")) {
        throw ApiException.badRequest(
            "Requested resource "
                + words[0]
                + " expected positive integer amount. Got: "
                + words[1]
                + ".");
      }
      long amount = Long.parseLong(words[1].strip());
      if (amount < 1) {
        throw ApiException.badRequest(
            "Requested resource " + words[0] + " requires amount >= 1. Got: " + amount + ".");
      }
      resources.put(words[0], amount);
    }
    return resources;
  }

  private static void traits(
      ApiRequest request, String text, List<Set<String>> required, Set<String> forbidden) {
    if (text.startsWith("in:")) {
      required.add(anyOf(request, text));
      return;
    }
    boolean allowsForbidden = request.atLeast("1.22");
    String form = allowsForbidden ? "HW_CPU_X86_VMX,!CUSTOM_MAGIC" : "HW_CPU_X86_VMX,CUSTOM_MAGIC";
    String wrong = "Expected 'required' parameter value of the form: " + form + ". Got";
    for (String part : text.split(",", -1)) {
      String name = part.strip();
      boolean isForbidden = name.startsWith("!");
      String trait = name.replaceFirst("^!+", "");
      if (trait.isEmpty()) {
        throw badQuery(wrong + " an empty trait in: " + text);
      }
      if (isForbidden && !allowsForbidden) {
        throw badQuery(wrong + ": " + text);
      }
      if (isForbidden) {
        forbidden.add(trait);
      } else {
        required.add(Set.of(trait));
      }
    }
  }

  private static Set<String> anyOf(ApiRequest request, String text) {
    if (!request.atLeast("1.39")) {
      throw badQuery(
          "The format 'in:HW_CPU_X86_VMX,CUSTOM_MAGIC' only supported since microversion 1.39."
              + " Got: "
              + text);
    }
    Set<String> traits = new LinkedHashSet<>();
    for (String part : text.substring(3).split(",", -1)) {
      if (part.isBlank() || part.strip().startsWith("!")) {
        throw badQuery(
            "Expected 'required' parameter value of the form: in:HW_CPU_X86_VMX,CUSTOM_MAGIC. Got: "
                + text);
      }
      traits.add(part.strip());
    }
    return traits;
  }

  private static void aggregates(
      ApiRequest request, List<Set<UUID>> memberOf, Set<UUID> forbidden) {
    List<String> texts = request.query().getOrDefault("member_of", List.of());
    if (texts.size() > 1 && !request.atLeast("1.24")) {
      throw ApiException.badRequest("Multiple member_of parameters are not supported");
    }
    for (String text : texts) {
      boolean isForbidden = text.startsWith("!");
      String rest = isForbidden ? text.substring(1) : text;
      boolean isList = rest.startsWith("in:");
      if (rest.contains(",") && !isList) {
        throw ApiException.badRequest(
            "Multiple values for 'member_of' must be prefixed with the 'in:' or '!in:' keyword"
                + " using the valid microversion. Got: "
                + text);
      }
      if (isForbidden && !request.atLeast("1.32")) {
        throw ApiException.badRequest(
            "Forbidden member_of parameters are not supported in the specified microversion");
      }
      Set<UUID> ids = new LinkedHashSet<>();
      for (String part : (isList ? rest.substring(3) : rest).split(",", -1)) {
        ids.add(aggregate(part));
      }
      if (isForbidden) {
        forbidden.addAll(ids);
      } else {
        memberOf.add(ids);
      }
    }
  }

  private static UUID aggregate(String text) {
    return Ids.parseUuid(text)
        .orElseThrow(() ->
            badQuery("Expected 'member_of' parameter to contain valid UUID(s). Got: " + text));
  }

  /** Every trait that is named at all. */
  public Set<String> traits() {
    Set<String> all = new LinkedHashSet<>(forbidden);
    required.forEach(all::addAll);
    return all;
  }
}
