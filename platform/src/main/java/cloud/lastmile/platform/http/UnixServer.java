package cloud.lastmile.platform.http;

import cloud.lastmile.platform.core.ApiException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** A small server on a unix socket for callers that the socket's permissions admit. */
public final class UnixServer implements AutoCloseable {

  /** A request as such callers make them. */
  public interface Asked {
    String method();

    /** The path, decoded. */
    String path();

    Optional<String> header(String name);
  }

  /** Answers. */
  @FunctionalInterface
  public interface Answers {
    ApiResponse to(Asked request);
  }

  private record WireAsked(Request request, RequestTarget target) implements Asked {

    @Override
    public String method() {
      return request.getMethod();
    }

    @Override
    public String path() {
      return RequestTarget.decoded(target.path());
    }

    @Override
    public Optional<String> header(String name) {
      return Optional.ofNullable(request.getHeaders().get(name));
    }
  }

  private record Exchange(Answers answers) implements Listener.Exchange {

    @Override
    public void handle(Request request, Response response, Callback done) {
      RequestTarget target = Objects.requireNonNull(WireConnection.of(request).target());
      ApiResponse answer =
          target
              .flaw()
              .map(flaw -> text(ApiException.badRequest(flaw)))
              .orElseGet(() -> answers.to(new WireAsked(request, target)));
      UnreadBody.settle(request, answer.status(), response.getHeaders());
      Responses.send(answer, request.getMethod(), null, response, done);
    }

    @Override
    public void refuse(Request request, Response response, Callback done, ApiException why) {
      Responses.send(text(why), request.getMethod(), null, response, done);
    }

    private static ApiResponse text(ApiException why) {
      return ApiResponse.bytes(
          why.kind().status(),
          "text/plain; charset=UTF-8",
          why.message().getBytes(StandardCharsets.UTF_8));
    }
  }

  private final Listener listener;

  private UnixServer(Listener listener) {
    this.listener = listener;
  }

  /**
   * @throws IllegalStateException if the socket cannot be had
   */
  public static UnixServer start(Path socket, Answers answers) {
    return new UnixServer(Listener.openUnix(socket, HttpLimits.ofMachine(), new Exchange(answers)));
  }

  @Override
  public void close() {
    listener.close();
  }
}
