package cloud.lastmile.identity.common;

import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.ListPage;
import cloud.lastmile.platform.database.ListPieces;
import cloud.lastmile.platform.database.ListQuery;
import cloud.lastmile.platform.database.Work;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Urls;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Identity's envelopes and links, the same for every noun. */
public final class Views {
  public static final String PREFIX = "/identity";

  private Views() {}

  /** {@code scheme://host/identity/v3}, as the client reached us. */
  public static String root(ApiRequest request) {
    return request.baseUrl() + PREFIX + "/v3";
  }

  /** Adds {@code links.self} at {@code /v3/<path>} to a resource. */
  public static ObjectNode linked(ApiRequest request, String path, ObjectNode view) {
    view.putObject("links").put("self", root(request) + "/" + path);
    return view;
  }

  /** {@code {"user": {...}}}. */
  public static ApiResponse member(int status, String key, ObjectNode view) {
    ObjectNode body = Json.object();
    body.set(key, view);
    return ApiResponse.json(status, body);
  }

  /** Rows that are read and sent together. */
  private static final int PIECE = 1_000;

  /** The list that a request asks for; a long one is never held whole. */
  public static <T> ApiResponse list(
      ApiRequest request,
      Database database,
      String key,
      ListQuery.Asked<T> asked,
      Function<T, ObjectNode> view) {
    return list(request, database, key, asked, (_, row) -> row, view);
  }

  /**
   * The same, where a row alone is not all.
   *
   * @param complete makes of a row what is shown, with the connection that read it
   */
  public static <S, T> ApiResponse list(
      ApiRequest request,
      Database database,
      String key,
      ListQuery.Asked<S> asked,
      BiFunction<Handle, S, T> complete,
      Function<T, ObjectNode> view) {
    if (asked.isPaged()) {
      ListPage<T> page =
          database.read(handle -> asked.run(handle).map(row -> complete.apply(handle, row)));
      return ApiResponse.ok(
          collectionBody(request, key, page.rows().stream().map(view).toList(), page.hasMore()));
    }
    ListPieces<S> pieces = asked.inPieces(PIECE);
    Work<List<T>> next =
        handle -> pieces.next(handle).stream().map(row -> complete.apply(handle, row)).toList();
    List<T> first = database.read(next);
    if (pieces.isDone()) {
      return collection(request, key, first.stream().map(view).toList());
    }
    return streamed(
        request,
        key,
        output -> {
          write(first, view, false, output);
          while (!pieces.isDone()) {
            write(database.read(next), view, true, output);
          }
        });
  }

  /** Rows that only one statement can find, each given to a consumer while it is read. */
  public interface Rows<T> {
    /**
     * @param most to be read; the statement may know so before
     */
    void each(Handle handle, int most, Consumer<T> consumer);
  }

  /**
   * A list that cannot be read in pieces. A long one is written to a file first, so that neither
   * memory nor a connection is held while a client takes its time.
   */
  public static <T> ApiResponse spooled(
      ApiRequest request,
      Database database,
      String key,
      Rows<T> rows,
      Function<T, ObjectNode> view) {
    List<T> first = new ArrayList<>();
    database.change(handle -> {
      first.clear();
      rows.each(handle, PIECE + 1, first::add);
    });
    if (first.size() <= PIECE) {
      return collection(request, key, first.stream().map(view).toList());
    }
    return streamed(
        request,
        key,
        output -> {
          Path file = Files.createTempFile("lastmile-list", ".json");
          try {
            spool(database, rows, view, file);
            Files.copy(file, output);
          } finally {
            Files.delete(file);
          }
        });
  }

  private static <T> void spool(
      Database database, Rows<T> rows, Function<T, ObjectNode> view, Path file) {
    database.change(handle -> {
      try (OutputStream written = new BufferedOutputStream(Files.newOutputStream(file))) {
        AtomicBoolean more = new AtomicBoolean();
        rows.each(
            handle,
            Integer.MAX_VALUE,
            row -> {
              try {
                write(List.of(row), view, more.getAndSet(true), written);
              } catch (IOException full) {
                throw new UncheckedIOException(full);
              }
            });
      } catch (IOException unwritten) {
        throw new UncheckedIOException(unwritten);
      }
    });
  }

  private static ApiResponse streamed(ApiRequest request, String key, ApiResponse.Source rows) {
    ObjectNode end = collectionBody(request, key, List.of(), false);
    end.remove(key);
    return ApiResponse.stream(
        200,
        "application/json",
        -1,
        output -> {
          output.write(("{\"" + key + "\":[").getBytes(StandardCharsets.UTF_8));
          rows.writeTo(output);
          output.write("],".getBytes(StandardCharsets.UTF_8));
          byte[] links = Json.mapper().writeValueAsBytes(end);
          output.write(links, 1, links.length - 1);
        });
  }

  private static <T> void write(
      List<T> rows, Function<T, ObjectNode> view, boolean more, OutputStream output)
      throws IOException {
    ByteArrayOutputStream piece = new ByteArrayOutputStream(512 * (rows.size() + 1));
    boolean separated = more;
    for (T row : rows) {
      if (separated) {
        piece.write(',');
      }
      piece.writeBytes(Json.mapper().writeValueAsBytes(view.apply(row)));
      separated = true;
    }
    piece.writeTo(output);
  }

  /** A whole list. */
  public static ApiResponse collection(ApiRequest request, String key, List<ObjectNode> views) {
    return ApiResponse.ok(collectionBody(request, key, views, false));
  }

  /**
   * A list with its links.
   *
   * @param hasMore whether a page follows; it starts after the last of these views
   */
  public static ObjectNode collectionBody(
      ApiRequest request, String key, List<ObjectNode> views, boolean hasMore) {
    ObjectNode body = Json.object();
    ArrayNode array = body.putArray(key);
    views.forEach(array::add);
    ObjectNode links = body.putObject("links");
    links.putNull("next");
    links.put("self", request.baseUrl() + request.rawPath() + Urls.query(request.query()));
    links.putNull("previous");
    if (hasMore && !views.isEmpty()) {
      Map<String, List<String>> next = new TreeMap<>(request.query());
      next.put("marker", List.of(views.getLast().path("id").asString()));
      links.put("next", request.baseUrl() + request.rawPath() + Urls.query(next));
      body.put("truncated", true);
    }
    return body;
  }
}
