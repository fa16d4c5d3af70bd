package cloud.lastmile.compute.port;

import cloud.lastmile.compute.common.Addresses;
import cloud.lastmile.compute.common.Inputs;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.Fields;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** The {@code networks} of a new server as they were written. */
public sealed interface NetworkDraft {

  /** Whatever network there is. */
  record Auto() implements NetworkDraft {}

  /** No network at all. */
  record None() implements NetworkDraft {}

  /** These, in this order; an empty list is as if nothing had been said. */
  record These(List<Entry> entries) implements NetworkDraft {
    public These {
      entries = List.copyOf(entries);
    }
  }

  /** Each is looked up, and made for each of the request's servers. */
  int MOST = 64;

  /** Either a network, perhaps with an address, or a port. */
  record Entry(
      Optional<UUID> network,
      Optional<UUID> port,
      Optional<String> fixedIp,
      Optional<String> tag) {}

  static Optional<NetworkDraft> read(ApiRequest request, Fields body) {
    Optional<Fields.Value> value = body.optional("networks");
    if (value.isEmpty()) {
      if (request.atLeast("2.37")) {
        body.required("networks");
      }
      return Optional.empty();
    }
    if (value.get().isString() && request.atLeast("2.37")) {
      String word = value.get().text(0, 255);
      return Optional.of(
          switch (word) {
            case "auto" -> new Auto();
            case "none" -> new None();
            default -> throw value.get().invalid("'" + word + "' is not one of ['none', 'auto']");
          });
    }
    List<Entry> entries = new ArrayList<>();
    Set<UUID> ports = new HashSet<>();
    if (value.get().values().size() > MOST) {
      throw value.get().invalid("a server can have " + MOST + " networks at most");
    }
    for (Fields.Value one : value.get().values()) {
      Entry entry = entry(request, one.object());
      if (entry.port().isPresent() && !ports.add(entry.port().get())) {
        throw ApiException.badRequest(
            "Port ID '"
                + entry.port().get()
                + "' was specified twice: you cannot attach a port multiple times.");
      }
      entries.add(entry);
    }
    return Optional.of(new These(entries));
  }

  private static Entry entry(ApiRequest request, Fields fields) {
    Optional<UUID> port = fields.optional("port").map(Fields.Value::uuid);
    Optional<String> address = fields.optional("fixed_ip").map(Addresses::any);
    Optional<Fields.Value> network = fields.optional("uuid");
    boolean tagged =
        request.atLeast("2.42") || (request.atLeast("2.32") && !request.atLeast("2.37"));
    Optional<String> tag = tagged ? fields.optional("tag").map(Inputs::tag) : Optional.empty();
    fields.rejectUnknown();
    if (port.isPresent()) {
      if (address.isPresent()) {
        throw ApiException.badRequest(
            "Specified Fixed IP '"
                + address.get()
                + "' cannot be used with port '"
                + port.get()
                + "': the two cannot be specified together.");
      }
      return new Entry(Optional.empty(), port, address, tag);
    }
    if (network.isEmpty()) {
      throw ApiException.badRequest("Bad network format: missing 'uuid'");
    }
    String id = network.get().text(0, 255);
    UUID uuid =
        Ids.parseUuid(id)
            .orElseThrow(() ->
                ApiException.badRequest(
                    "Bad networks format: network uuid is not in proper format (" + id + ")"));
    return new Entry(Optional.of(uuid), Optional.empty(), address, tag);
  }
}
