package cloud.lastmile.platform.http;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * An answer. Immutable: {@link #header} gives a new one.
 *
 * @param status HTTP status
 * @param headers in order; a name may occur twice. A {@code Location} that begins with a slash is
 *     below the service's root
 */
public record ApiResponse(int status, List<Map.Entry<String, String>> headers, Body body) {

  /** What is sent. */
  public sealed interface Body {
    /** Nothing. */
    record Empty() implements Body {}

    /** Bytes in memory; never compared. */
    @SuppressWarnings("ArrayRecordComponent")
    record Bytes(String contentType, byte[] content) implements Body {}

    /** A JSON tree. */
    record Tree(JsonNode node) implements Body {}

    /**
     * A stream, never held whole.
     *
     * @param length in bytes, -1 if unknown
     */
    record Stream(String contentType, long length, Source source) implements Body {}
  }

  /**
   * Writes a stream's bytes. What it needs it opens when it is called and closes before it returns:
   * it may never be called, for a HEAD or when the answer finds no place.
   */
  @FunctionalInterface
  public interface Source {
    void writeTo(OutputStream output) throws IOException;
  }

  public ApiResponse {
    headers = List.copyOf(headers);
  }

  public static ApiResponse empty(int status) {
    return new ApiResponse(status, List.of(), new Body.Empty());
  }

  public static ApiResponse json(int status, JsonNode node) {
    return new ApiResponse(status, List.of(), new Body.Tree(node));
  }

  public static ApiResponse ok(JsonNode node) {
    return json(200, node);
  }

  public static ApiResponse bytes(int status, String contentType, byte[] content) {
    return new ApiResponse(status, List.of(), new Body.Bytes(contentType, content));
  }

  public static ApiResponse stream(int status, String contentType, long length, Source source) {
    return new ApiResponse(status, List.of(), new Body.Stream(contentType, length, source));
  }

  /** A Location may name things as clients do: what no URI holds of it is percent-encoded. */
  public ApiResponse header(String name, String value) {
    List<Map.Entry<String, String>> more = new ArrayList<>(headers);
    more.add(Map.entry(name, name.equals("Location") ? Urls.visible(value) : value));
    return new ApiResponse(status, more, body);
  }
}
