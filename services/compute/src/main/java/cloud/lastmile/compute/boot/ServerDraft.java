package cloud.lastmile.compute.boot;

import cloud.lastmile.compute.common.Addresses;
import cloud.lastmile.compute.common.Inputs;
import cloud.lastmile.compute.port.NetworkDraft;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.Fields;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * The body of {@code POST /servers}, read and found well-formed. Whether what it names exists is
 * {@link ServerPlanner}'s question.
 *
 * @param networks empty if the body says nothing of networks
 * @param zone what was written, {@code zone} or {@code zone:host} or {@code zone:host:node}
 * @param requestedHost {@code host} or {@code hypervisor_hostname} of 2.74
 * @param adminPassword given or made up
 */
public record ServerDraft(
    String name,
    Optional<String> hostname,
    Optional<String> description,
    UUID image,
    String flavor,
    Map<String, String> metadata,
    List<String> tags,
    Optional<NetworkDraft> networks,
    List<String> securityGroups,
    Optional<String> keyName,
    Optional<String> userData,
    boolean configDrive,
    String accessIpV4,
    String accessIpV6,
    Optional<String> diskConfig,
    Optional<String> zone,
    Optional<String> requestedHost,
    SchedulerHints hints,
    int minCount,
    int maxCount,
    String adminPassword,
    boolean returnReservation) {

  private static final int MAX_USER_DATA = 65535;

  public static ServerDraft read(ApiRequest request) {
    Fields root = request.body();
    Fields body = root.object("server");
    SchedulerHints hints = SchedulerHints.read(root);
    int min = body.optional("min_count").map(v -> (int) v.integer(1, Integer.MAX_VALUE)).orElse(1);
    int max =
        body.optional("max_count").map(v -> (int) v.integer(1, Integer.MAX_VALUE)).orElse(min);
    if (min > max) {
      throw ApiException.badRequest("min_count must be <= max_count");
    }
    String name = Inputs.name(body.required("name"));
    ServerDraft draft =
        new ServerDraft(
            name,
            since(request, "2.90", body, "hostname").map(Inputs::hostname),
            request.atLeast("2.19")
                ? body.optional("description").map(v -> Inputs.description(v, 255))
                : Optional.of(name),
            BlockDevices.image(body),
            flavor(body.required("flavorRef")),
            body.optional("metadata").map(Inputs::metadata).orElse(Map.of()),
            since(request, "2.52", body, "tags").map(Inputs::tags).orElse(List.of()),
            NetworkDraft.read(request, body),
            body.optional("security_groups").map(ServerDraft::groups).orElse(List.of()),
            body.optional("key_name").map(v -> v.text(1, 255)),
            body.optional("user_data").map(ServerDraft::userData),
            body.bool("config_drive", false),
            body.optional("accessIPv4").map(Addresses::v4OrEmpty).orElse(""),
            body.optional("accessIPv6").map(Addresses::v6OrEmpty).orElse(""),
            body.optional("OS-DCF:diskConfig").map(ServerDraft::diskConfig),
            body.optional("availability_zone").map(Inputs::name),
            since(request, "2.74", body, "host")
                .or(() -> since(request, "2.74", body, "hypervisor_hostname"))
                .map(v -> v.text(1, 255)),
            hints,
            min,
            max,
            body.optional("adminPass").map(v -> v.text(0, 255)).orElseGet(Passwords::random),
            body.bool("return_reservation_id", false));
    personality(request, body);
    certificates(request, body);
    body.rejectUnknown();
    root.rejectUnknown();
    return draft;
  }

  /** A field that a microversion brought; before it, it is unknown. */
  private static Optional<Fields.Value> since(
      ApiRequest request, String version, Fields body, String name) {
    return request.atLeast(version) ? body.optional(name) : Optional.empty();
  }

  static String flavor(Fields.Value value) {
    String reference =
        value.node().isIntegralNumber() ? value.node().asString() : value.text(1, 255);
    return Inputs.idOf(reference);
  }

  public static String diskConfig(Fields.Value value) {
    String config = value.text(0, 255);
    if (!config.equals("AUTO") && !config.equals("MANUAL")) {
      throw value.invalid("'" + config + "' is not one of ['AUTO', 'MANUAL']");
    }
    return config;
  }

  private static List<String> groups(Fields.Value value) {
    return value.values().stream()
        .map(entry -> {
          Fields group = entry.object();
          Optional<String> name = group.optional("name").map(v -> v.text(1, 255));
          group.rejectUnknown();
          return name;
        })
        .flatMap(Optional::stream)
        .distinct()
        .toList();
  }

  public static String userData(Fields.Value value) {
    String text = value.text(0, MAX_USER_DATA);
    try {
      Base64.getMimeDecoder().decode(text);
      if (!text.matches("[A-Za-z0-9+/=\\s]*")) {
        throw value.invalid("it is not a 'base64'");
      }
    } catch (IllegalArgumentException malformed) {
      throw value.invalid("it is not a 'base64'");
    }
    return text;
  }

  private static void personality(ApiRequest request, Fields body) {
    if (!request.atLeast("2.57") && body.has("personality")) {
      if (!body.required("personality").values().isEmpty()) {
        throw body.invalid("personality", "Files are not injected here; use user_data instead");
      }
    }
  }

  private static void certificates(ApiRequest request, Fields body) {
    if (request.atLeast("2.63")
        && body.optional("trusted_image_certificates")
            .filter(v -> !v.values().isEmpty())
            .isPresent()) {
      throw body.invalid(
          "trusted_image_certificates", "Signatures of images are not verified here");
    }
  }

  public static UUID imageId(Fields.Value value) {
    String text = value.text(0, 255);
    return Ids.parseUuid(text).orElseThrow(() -> value.invalid("'" + text + "' is not a 'uuid'"));
  }
}
