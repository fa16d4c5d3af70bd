package cloud.lastmile.platform.http;

import cloud.lastmile.platform.core.Caller;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.core.Scope;
import cloud.lastmile.platform.policy.Policy;
import cloud.lastmile.platform.policy.PolicyRule;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;

/**
 * A service made for tests of the listener: it tells how it was reached, reads, writes and waits.
 */
final class ToyServer implements AutoCloseable {
  static final int BIG = 64 << 20;

  final HttpServer server;
  final CountDownLatch release = new CountDownLatch(1);

  ToyServer(HttpConfig config) {
    ServiceApi.FaultFormat faults =
        (failure, _) ->
            ApiResponse.json(
                failure.kind().status(), Json.object().put("toyFault", failure.message()));
    ServiceApi toy =
        new ServiceApi(
            "toy",
            "/toy",
            faults,
            Optional.empty(),
            1 << 20,
            List.of(
                Route.get("/", PolicyRule.PUBLIC, ToyServer::reached),
                Route.post("/json", PolicyRule.PUBLIC, ToyServer::json),
                Route.post("/careless", PolicyRule.PUBLIC, ToyServer::careless),
                Route.post("/private", PolicyRule.member("toy:write"), ToyServer::json),
                Route.put("/bytes", PolicyRule.PUBLIC, ToyServer::count),
                Route.get("/big", PolicyRule.PUBLIC, _ -> big()),
                Route.get("/middle", PolicyRule.PUBLIC, _ -> middle()),
                Route.get("/stream", PolicyRule.PUBLIC, _ -> stream()),
                Route.get("/broken/{after}", PolicyRule.PUBLIC, ToyServer::broken),
                Route.get("/wait", PolicyRule.PUBLIC, _ -> await())),
            List.of());
    Policy policy = Policy.of(toy.rules().toList(), Map.of());
    server =
        HttpServer.start(
            config, List.of(toy), ToyServer::caller, policy, new SimpleMeterRegistry());
  }

  private static Optional<Caller> caller(String token) {
    Scope scope = new Scope.Project("p", "p", "default", "Default");
    return token.equals("good")
        ? Optional.of(new Caller("u", "u", "default", scope, Set.of("member", "reader")))
        : Optional.empty();
  }

  private static ApiResponse reached(ApiRequest request) {
    return ApiResponse.ok(
        Json.object()
            .put("client", request.context().remoteAddress())
            .put("base", request.baseUrl())
            .put("path", request.rawPath()));
  }

  private static ApiResponse json(ApiRequest request) {
    return ApiResponse.ok(Json.object().put("values", request.json().size()));
  }

  private static ApiResponse count(ApiRequest request) throws IOException {
    try (InputStream input = request.stream()) {
      byte[] buffer = new byte[8192];
      long count = 0;
      for (int got = input.read(buffer); got >= 0; got = input.read(buffer)) {
        count += got;
      }
      return ApiResponse.ok(Json.object().put("count", count));
    }
  }

  /** Takes a body that does not come for an error of its own. */
  private static ApiResponse careless(ApiRequest request) {
    try (InputStream input = request.stream()) {
      return ApiResponse.ok(Json.object().put("count", input.readAllBytes().length));
    } catch (IOException broken) {
      throw new IllegalStateException("this should not happen", broken);
    }
  }

  private static ApiResponse big() {
    return ApiResponse.bytes(200, "application/octet-stream", new byte[BIG]);
  }

  private static ApiResponse middle() {
    return ApiResponse.bytes(200, "application/octet-stream", new byte[60_000]);
  }

  private static ApiResponse stream() {
    return ApiResponse.stream(
        200,
        "application/octet-stream",
        -1,
        output -> {
          byte[] piece = "x".repeat(8192).getBytes(StandardCharsets.US_ASCII);
          for (int sent = 0; sent < BIG; sent += piece.length) {
            output.write(piece);
          }
        });
  }

  /** A source that fails after so many bytes. */
  private static ApiResponse broken(ApiRequest request) {
    int after = Integer.parseInt(request.path("after"));
    return ApiResponse.stream(
        200,
        "application/octet-stream",
        after + 10,
        output -> {
          output.write(new byte[after]);
          throw new IOException("the disk is gone");
        });
  }

  private ApiResponse await() throws InterruptedException {
    release.await();
    return ApiResponse.ok(Json.object());
  }

  URI uri() {
    return URI.create(server.listenerUrl());
  }

  @Override
  public void close() {
    release.countDown();
    server.close();
  }
}
