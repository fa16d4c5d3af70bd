package cloud.lastmile.image.request;

import cloud.lastmile.image.record.ImageColumns;
import cloud.lastmile.image.record.ImageRecord;
import cloud.lastmile.image.record.ImageStore;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Caller;
import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.database.ListColumn;
import cloud.lastmile.platform.database.ListDialect;
import cloud.lastmile.platform.database.ListPage;
import cloud.lastmile.platform.database.ListPieces;
import cloud.lastmile.platform.database.ListQuery;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/** The list of images: which ones, in which order. */
final class ImageList {
  private static final int DEFAULT_LIMIT = 25;
  private static final int MAX_LIMIT = 1_000;
  private static final Set<String> MEMBER_STATUS = Set.of("pending", "accepted", "rejected", "all");

  private static final List<String> SORT_KEYS =
      List.of(
          "name",
          "status",
          "container_format",
          "disk_format",
          "size",
          "id",
          "created_at",
          "updated_at");

  private static final ListQuery<ImageRecord> LIST =
      ListQuery.of("image.image i", ImageStore.COLUMNS, (row, _) -> ImageStore.read(row))
          .column(ListColumn.uuid("id", "i.id").sortOnly())
          .column(ListColumn.text("name", ImageColumns.NAME).sortOnly())
          .column(ListColumn.text("status", "i.status").sortOnly())
          .column(ListColumn.text("container_format", ImageColumns.CONTAINER_FORMAT).sortOnly())
          .column(ListColumn.text("disk_format", ImageColumns.DISK_FORMAT).sortOnly())
          .column(ListColumn.integer("size", ImageColumns.SIZE).sortOnly())
          .column(ListColumn.timestamp("created_at", "i.created_at").sortOnly())
          .column(ListColumn.timestamp("updated_at", "i.updated_at").sortOnly())
          .sortedBy("created_at", false);

  private ImageList() {}

  /** The page that the query asks for; one statement. */
  static ListPage<ImageRecord> run(Handle handle, Caller caller, Map<String, List<String>> query) {
    return asked(
            caller,
            query,
            steering(query),
            ListDialect.paged(MAX_LIMIT).withDefaultLimit(DEFAULT_LIMIT))
        .run(handle);
  }

  /** How many the query asks for. */
  static int limit(Map<String, List<String>> query) {
    String limit = steering(query).getOrDefault("limit", List.of("" + DEFAULT_LIMIT)).getLast();
    return limit.length() > 4 ? MAX_LIMIT : Math.min(MAX_LIMIT, Integer.parseInt(limit));
  }

  /** As {@link #run}, and one more, in pieces of a size. */
  static ListPieces<ImageRecord> pieces(Caller caller, Map<String, List<String>> query, int size) {
    Map<String, List<String>> more = steering(query);
    more.put("limit", List.of(Integer.toString(limit(query) + 1)));
    return asked(caller, query, more, ListDialect.paged(MAX_LIMIT + 1)).inPieces(size);
  }

  private static ListQuery.Asked<ImageRecord> asked(
      Caller caller,
      Map<String, List<String>> query,
      Map<String, List<String>> steering,
      ListDialect dialect) {
    ListQuery.Asked<ImageRecord> asked =
        LIST.asked(steering, dialect)
            .markerWithin(ImageVisibility.seen(caller, memberStatus(query)))
            .where(
                ImageVisibility.asked(caller, memberStatus(query), last(query, "visibility", "")));
    for (Condition condition : ImageFilters.of(query)) {
      asked = asked.where(condition);
    }
    return asked;
  }

  private static String memberStatus(Map<String, List<String>> query) {
    String status = last(query, "member_status", "accepted");
    if (!MEMBER_STATUS.contains(status)) {
      throw ApiException.badRequest("Invalid status: " + status);
    }
    return status;
  }

  /** Limit, marker and sort keys in the form that list queries understand. */
  private static Map<String, List<String>> steering(Map<String, List<String>> query) {
    Map<String, List<String>> steering = new HashMap<>();
    if (query.containsKey("limit")) {
      steering.put("limit", List.of(limit(last(query, "limit", ""))));
    }
    if (query.containsKey("marker")) {
      steering.put("marker", List.of(last(query, "marker", "")));
    }
    List<String> keys = new ArrayList<>();
    List<String> directions = new ArrayList<>();
    if (query.containsKey("sort")) {
      combinedSort(query, keys, directions);
    } else {
      classicSort(query, keys, directions);
    }
    if (!keys.isEmpty()) {
      steering.put("sort_key", keys);
      steering.put("sort_dir", directions);
    } else if (!directions.isEmpty()) {
      steering.put("sort_key", List.of("created_at"));
      steering.put("sort_dir", List.of(directions.getFirst()));
    }
    return steering;
  }

  private static String limit(String text) {
    if (!text.strip().matches("[+-]?\\d+")) {
      throw ApiException.badRequest("limit param must be an integer");
    }
    if (text.strip().startsWith("-")) {
      throw ApiException.badRequest("limit param must be positive");
    }
    return text.strip().replace("+", "");
  }

  private static void combinedSort(
      Map<String, List<String>> query, List<String> keys, List<String> directions) {
    if (query.containsKey("sort_key") || query.containsKey("sort_dir")) {
      throw ApiException.badRequest("Old and new sorting syntax cannot be combined");
    }
    for (String part : last(query, "sort", "").strip().split(",", -1)) {
      String[] words = part.split(":", 2);
      keys.add(sortKey(words[0]));
      directions.add(words.length == 2 && !words[1].isEmpty() ? direction(words[1]) : "desc");
    }
  }

  private static void classicSort(
      Map<String, List<String>> query, List<String> keys, List<String> directions) {
    query.getOrDefault("sort_key", List.of()).forEach(key -> keys.add(sortKey(key)));
    query.getOrDefault("sort_dir", List.of()).forEach(text -> directions.add(direction(text)));
    if (directions.size() > 1 && directions.size() != keys.size()) {
      throw ApiException.badRequest("Number of sort dirs does not match the number of sort keys");
    }
    String rest = directions.isEmpty() ? "desc" : directions.getFirst();
    while (!keys.isEmpty() && directions.size() < keys.size()) {
      directions.add(rest);
    }
  }

  private static String sortKey(String text) {
    String key = text.strip();
    if (!SORT_KEYS.contains(key)) {
      throw ApiException.badRequest(
          "Invalid sort key: "
              + key
              + ". It must be one of the following: "
              + String.join(", ", SORT_KEYS)
              + ".");
    }
    return key;
  }

  private static String direction(String text) {
    String direction = text.strip();
    if (!direction.equals("asc") && !direction.equals("desc")) {
      throw ApiException.badRequest("Invalid sort direction: " + direction);
    }
    return direction;
  }

  static String last(Map<String, List<String>> query, String name, String absent) {
    List<String> values = query.get(name);
    return values == null || values.isEmpty() ? absent : values.getLast();
  }
}
