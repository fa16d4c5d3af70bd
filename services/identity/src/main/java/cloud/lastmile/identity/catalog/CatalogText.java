package cloud.lastmile.identity.catalog;

import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.core.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.io.JsonStringEncoder;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A catalog's JSON with gaps for the ids of user and project, so that a token's catalog is made by
 * filling gaps: every token that is made or validated carries one.
 */
final class CatalogText {
  private static final Pattern PLACEHOLDER =
      Pattern.compile("[$%]\\((project_id|tenant_id|user_id)\\)s");

  /** What comes after a piece of text. */
  private enum Gap {
    USER,
    PROJECT,
    END
  }

  private record Piece(String text, Gap gap) {}

  private final List<Piece> pieces;

  private CatalogText(List<Piece> pieces) {
    this.pieces = List.copyOf(pieces);
  }

  /**
   * Services with their endpoints.
   *
   * @param withProject whether there will be a project; without, endpoints whose URL needs one are
   *     left out
   */
  static CatalogText of(List<CatalogEntry> entries, boolean withProject) {
    // Nobody can have written these into a URL.
    String user = Ids.hex();
    String project = Ids.hex();
    Map<String, ObjectNode> services = new LinkedHashMap<>();
    for (CatalogEntry entry : entries) {
      ObjectNode service = services.computeIfAbsent(entry.serviceId(), _ -> service(entry));
      marked(entry.url(), user, withProject ? Optional.of(project) : Optional.empty())
          .ifPresent(url -> ((ArrayNode) service.path("endpoints")).add(endpoint(entry, url)));
    }
    ArrayNode catalog = Json.array();
    services.values().forEach(catalog::add);
    return new CatalogText(cut(Json.mapper().writeValueAsString(catalog), user, project));
  }

  private static List<Piece> cut(String text, String user, String project) {
    List<Piece> pieces = new ArrayList<>();
    Matcher mark = Pattern.compile(user + "|" + project).matcher(text);
    int begin = 0;
    while (mark.find()) {
      Gap gap = mark.group().equals(user) ? Gap.USER : Gap.PROJECT;
      pieces.add(new Piece(text.substring(begin, mark.start()), gap));
      begin = mark.end();
    }
    pieces.add(new Piece(text.substring(begin), Gap.END));
    return pieces;
  }

  /** The JSON of the catalog of one user, in one project if the text was made with one. */
  String fill(String userId, Optional<String> projectId) {
    String user = quoted(userId);
    String project = projectId.map(CatalogText::quoted).orElse("");
    StringBuilder filled = new StringBuilder(4096);
    for (Piece piece : pieces) {
      filled.append(piece.text());
      switch (piece.gap()) {
        case USER -> filled.append(user);
        case PROJECT -> filled.append(project);
        case END -> {}
      }
    }
    return filled.toString();
  }

  private static String quoted(String id) {
    StringBuilder quoted = new StringBuilder(id.length());
    JsonStringEncoder.getInstance().quoteAsString(id, quoted);
    return quoted.toString();
  }

  private static ObjectNode service(CatalogEntry entry) {
    ObjectNode service = Json.object();
    service.putArray("endpoints");
    service.put("id", entry.serviceId());
    service.put("type", entry.type());
    service.put("name", entry.name() == null ? "" : entry.name());
    return service;
  }

  private static ObjectNode endpoint(CatalogEntry entry, String url) {
    return Json.object()
        .put("id", entry.endpointId())
        .put("interface", entry.face())
        .put("region_id", entry.regionId())
        .put("url", url)
        .put("region", entry.regionId());
  }

  /** The URL with marks for ids; empty if it needs a project and there is none. */
  private static Optional<String> marked(
      @Nullable String url, String user, Optional<String> project) {
    if (url == null) {
      return Optional.empty();
    }
    Matcher matcher = PLACEHOLDER.matcher(url);
    StringBuilder result = new StringBuilder();
    while (matcher.find()) {
      boolean ofUser = matcher.group(1).equals("user_id");
      if (!ofUser && project.isEmpty()) {
        return Optional.empty();
      }
      matcher.appendReplacement(result, ofUser ? user : project.orElseThrow());
    }
    return Optional.of(matcher.appendTail(result).toString());
  }
}
