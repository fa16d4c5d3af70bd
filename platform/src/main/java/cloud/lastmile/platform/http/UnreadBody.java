package cloud.lastmile.platform.http;

import cloud.lastmile.platform.core.ApiException.Kind;
import java.io.IOException;
import java.time.Duration;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;

/**
 * What a client sends of a body that nobody has read to its end, since the request was refused. The
 * next request comes behind it: so it is read and forgotten if it is little and comes at once, and
 * else the answer says that the connection ends with it (RFC 9112, 9.6).
 */
final class UnreadBody {
  /** What is not read when the connection ends takes the answer with it: a reset overtakes it. */
  private static final int LITTLE = 16 << 20;

  private static final HttpLimits.Pace AT_ONCE =
      new HttpLimits.Pace(1 << 20, Duration.ofSeconds(1));
  private static final HttpField CLOSE = new HttpField(HttpHeader.CONNECTION, "close");

  private UnreadBody() {}

  /** Before the answer is sent. */
  static void settle(Request request, int status, HttpFields.Mutable answer) {
    HttpFields asked = request.getHeaders();
    if (request.getLength() > 0 || asked.contains(HttpHeader.TRANSFER_ENCODING)) {
      // Whoever waits to be told to go on sends nothing to be read; for the slow we have waited.
      boolean waits = asked.contains(HttpHeader.EXPECT) && status >= 400;
      boolean slow = status == Kind.REQUEST_TIMEOUT.status();
      if (waits || slow || !isReadToItsEnd(request)) {
        answer.put(CLOSE);
      }
    }
  }

  private static boolean isReadToItsEnd(Request request) {
    byte[] forgotten = new byte[8192];
    int left = LITTLE;
    try (BodyStream rest = new BodyStream(request, AT_ONCE, null)) {
      while (left > 0) {
        int came = rest.read(forgotten);
        if (came < 0) {
          return true;
        }
        left -= came;
      }
      return false;
    } catch (IOException brokenOffOrSlow) {
      return false;
    }
  }
}
