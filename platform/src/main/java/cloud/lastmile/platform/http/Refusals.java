package cloud.lastmile.platform.http;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.ApiException.Kind;
import java.io.IOException;
import java.util.Arrays;
import java.util.Objects;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers what Jetty could not make a request of: always with a fault that says why. */
final class Refusals implements Request.Handler {
  private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);

  private final Listener.Exchange exchange;

  Refusals(Listener.Exchange exchange) {
    this.exchange = exchange;
  }

  @Override
  public boolean handle(Request request, Response response, Callback done) {
    Object cause = request.getAttribute(ErrorHandler.ERROR_EXCEPTION);
    int status = response.getStatus();
    String why = Objects.toString(request.getAttribute(ErrorHandler.ERROR_MESSAGE), "");
    if (cause instanceof HttpException known) {
      status = known.getCode();
      why = Objects.toString(known.getReason(), why);
    } else if (cause instanceof IOException) {
      // The client is gone; nobody will read it.
      status = Kind.BAD_REQUEST.status();
    } else if (status >= Kind.INTERNAL.status()) {
      LOG.error("A request failed: {}", why, cause instanceof Throwable thrown ? thrown : null);
      why = "An unexpected error prevented the server from fulfilling your request.";
    }
    Kind kind =
        status == Kind.BAD_REQUEST.status() && WireConnection.of(request).hasUnknownCoding()
            ? Kind.NOT_IMPLEMENTED
            : kind(status);
    exchange.refuse(request, response, done, ApiException.of(kind, worded(kind, why)));
    return true;
  }

  private static Kind kind(int status) {
    return Arrays.stream(Kind.values())
        .filter(kind -> kind.status() == status)
        .findFirst()
        .orElse(status < 500 ? Kind.BAD_REQUEST : Kind.INTERNAL);
  }

  private static String worded(Kind kind, String why) {
    return switch (kind) {
      case HEAD_TOO_LARGE -> "The head of the request is larger than the server takes.";
      case TARGET_TOO_LONG -> "The request's target is longer than the server takes.";
      case EXPECTATION_FAILED -> "The server knows no expectation but 100-continue.";
      case VERSION_NOT_SUPPORTED -> "The server speaks HTTP/1.1 and HTTP/1.0 only.";
      case NOT_IMPLEMENTED -> "The server knows no transfer coding but chunked.";
      case BAD_REQUEST ->
          "The request is not well-formed HTTP" + (why.isEmpty() ? "." : ": " + why);
      default -> why;
    };
  }
}
