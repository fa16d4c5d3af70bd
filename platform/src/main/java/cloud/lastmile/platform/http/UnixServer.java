package cloud.lastmile.platform.http;

import java.nio.file.Path;
import java.util.Optional;

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

  private record WireAsked(org.eclipse.jetty.server.Request request, RequestTarget target)
      implements Asked {

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

  private final Listener listener;

  private UnixServer(Listener listener) {
    this.listener = listener;
  }

  /**
   * @throws IllegalStateException if the socket cannot be had
   */
  public static UnixServer start(Path socket, Answers answers) {
    return new UnixServer(
        Listener.openUnix(
            socket,
            (request, response, done) -> {
              RequestTarget target =
                  java.util.Objects.requireNonNull(WireConnection.of(request).target());
              ApiResponse answer =
                  target.flaw().isPresent()
                      ? ApiResponse.bytes(
                          400,
                          "text/plain; charset=UTF-8",
                          target.flaw().get().getBytes(java.nio.charset.StandardCharsets.UTF_8))
                      : answers.to(new WireAsked(request, target));
              Responses.send(answer, request.getMethod(), null, response, done);
            }));
  }

  @Override
  public void close() {
    listener.close();
  }
}
