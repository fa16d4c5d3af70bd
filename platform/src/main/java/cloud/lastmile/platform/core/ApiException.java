package cloud.lastmile.platform.core;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The one way in which a request fails for a reason that its caller may know. It knows nothing of
 * HTTP or of a service's fault format: {@code FaultFormat} renders it at the last step.
 *
 * <p>The message is public. What only an operator may see goes into the cause, which is logged and
 * never sent.
 */
public final class ApiException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What went wrong, by HTTP status as the references use them. */
  public enum Kind {
    MULTIPLE_CHOICES(300, "Multiple Choices"),
    BAD_REQUEST(400, "Bad Request"),
    UNAUTHORIZED(401, "Unauthorized"),
    FORBIDDEN(403, "Forbidden"),
    NOT_FOUND(404, "Not Found"),
    METHOD_NOT_ALLOWED(405, "Method Not Allowed"),
    NOT_ACCEPTABLE(406, "Not Acceptable"),
    REQUEST_TIMEOUT(408, "Request Timeout"),
    CONFLICT(409, "Conflict"),
    GONE(410, "Gone"),
    PRECONDITION_FAILED(412, "Precondition Failed"),
    TOO_LARGE(413, "Request Entity Too Large"),
    TARGET_TOO_LONG(414, "URI Too Long"),
    UNSUPPORTED_MEDIA_TYPE(415, "Unsupported Media Type"),
    RANGE_NOT_SATISFIABLE(416, "Requested Range Not Satisfiable"),
    EXPECTATION_FAILED(417, "Expectation Failed"),
    UNPROCESSABLE(422, "Unprocessable Entity"),
    TOO_MANY_REQUESTS(429, "Too Many Requests"),
    HEAD_TOO_LARGE(431, "Request Header Fields Too Large"),
    INTERNAL(500, "Internal Server Error"),
    NOT_IMPLEMENTED(501, "Not Implemented"),
    UNAVAILABLE(503, "Service Unavailable"),
    VERSION_NOT_SUPPORTED(505, "HTTP Version Not Supported"),
    INSUFFICIENT_STORAGE(507, "Insufficient Storage");

    private final int status;
    private final String title;

    Kind(int status, String title) {
      this.status = status;
      this.title = title;
    }

    public int status() {
      return status;
    }

    public String title() {
      return title;
    }
  }

  /**
   * The input that was wrong.
   *
   * @param name path of the field, {@code server.name} or {@code networks[0].uuid}
   * @param value its JSON text, shortened
   * @param reason why it is refused, such as {@code 3 is not of type 'string'}
   */
  public record InvalidField(String name, String value, String reason)
      implements java.io.Serializable {}

  private final Kind kind;
  private final String code;
  private final @Nullable InvalidField field;

  private ApiException(
      Kind kind,
      String code,
      String message,
      @Nullable InvalidField field,
      @Nullable Throwable cause) {
    super(message, cause, false, kind == Kind.INTERNAL);
    this.kind = kind;
    this.code = code;
    this.field = field;
  }

  public static ApiException of(Kind kind, String message) {
    return new ApiException(kind, "", message, null, null);
  }

  /**
   * With the stable code that some references add: {@code NetworkNotFound} in the network service,
   * {@code placement.concurrent_update} in placement.
   */
  public static ApiException of(Kind kind, String code, String message) {
    return new ApiException(kind, code, message, null, null);
  }

  public static ApiException badRequest(String message) {
    return of(Kind.BAD_REQUEST, message);
  }

  /** The fault format words the message, each reference in its own way. */
  public static ApiException invalidField(String name, String value, String reason) {
    String shortened = value.length() > 200 ? value.substring(0, 200) + "..." : value;
    return new ApiException(
        Kind.BAD_REQUEST,
        "",
        "Invalid input for field/attribute " + name + ". " + reason,
        new InvalidField(name, shortened, reason),
        null);
  }

  public static ApiException unauthorized(String message) {
    return of(Kind.UNAUTHORIZED, message);
  }

  public static ApiException forbidden(String message) {
    return of(Kind.FORBIDDEN, message);
  }

  public static ApiException notFound(String message) {
    return of(Kind.NOT_FOUND, message);
  }

  public static ApiException conflict(String message) {
    return of(Kind.CONFLICT, message);
  }

  public static ApiException notImplemented(String message) {
    return of(Kind.NOT_IMPLEMENTED, message);
  }

  public static ApiException unavailable(String message, @Nullable Throwable cause) {
    return new ApiException(Kind.UNAVAILABLE, "", message, null, cause);
  }

  /** The disk is full; the cause says which. */
  public static ApiException insufficientStorage(String message, Throwable cause) {
    return new ApiException(Kind.INSUFFICIENT_STORAGE, "", message, null, cause);
  }

  public static ApiException internal(String message, Throwable cause) {
    return new ApiException(Kind.INTERNAL, "", message, null, cause);
  }

  /** The same failure in a service's own words. */
  public ApiException withMessage(String message) {
    return new ApiException(kind, code, message, field, getCause());
  }

  public Kind kind() {
    return kind;
  }

  /** The service's stable error code, empty where it has none. */
  public String code() {
    return code;
  }

  public Optional<InvalidField> field() {
    return Optional.ofNullable(field);
  }

  /** Never null, unlike {@link Throwable#getMessage()}. */
  public String message() {
    String message = getMessage();
    return message == null ? "" : message;
  }
}
