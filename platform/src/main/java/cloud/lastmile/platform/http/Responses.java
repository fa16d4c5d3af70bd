package cloud.lastmile.platform.http;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.ApiException.Kind;
import cloud.lastmile.platform.core.Json;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Sends answers, with what all services share. */
final class Responses {
  private Responses() {}

  static void send(
      ApiResponse answer,
      String method,
      @Nullable HelidonRequest request,
      ServerResponse response) {
    response.status(Status.create(answer.status()));
    for (Map.Entry<String, String> header : answer.headers()) {
      response.headers().add(HeaderNames.create(header.getKey()), header.getValue());
    }
    if (request != null) {
      addRequestHeaders(request, answer.status(), response);
    }
    boolean head = method.equals("HEAD");
    switch (answer.body()) {
      case ApiResponse.Body.Empty _ -> response.send();
      case ApiResponse.Body.Bytes bytes ->
          send(response, bytes.contentType(), bytes.content(), head);
      case ApiResponse.Body.Tree tree ->
          send(response, "application/json", Json.mapper().writeValueAsBytes(tree.node()), head);
      case ApiResponse.Body.Stream stream -> stream(response, stream, head);
    }
  }

  private static void send(
      ServerResponse response, String contentType, byte[] content, boolean head) {
    response.header(HeaderNames.CONTENT_TYPE, contentType);
    if (head) {
      response.contentLength(content.length);
      response.send();
      return;
    }
    response.send(content);
  }

  private static void stream(
      ServerResponse response, ApiResponse.Body.Stream stream, boolean head) {
    response.header(HeaderNames.CONTENT_TYPE, stream.contentType());
    if (stream.length() >= 0) {
      response.contentLength(stream.length());
    }
    if (head) {
      response.send();
      return;
    }
    try (OutputStream output = response.outputStream()) {
      stream.source().writeTo(output);
    } catch (IOException broken) {
      // The status is sent; closing the connection is the only way left to tell the client.
      throw new UncheckedIOException(broken);
    }
  }

  private static void addRequestHeaders(
      HelidonRequest request, int status, ServerResponse response) {
    request.allow().ifPresent(allowed -> response.header(HeaderNames.ALLOW, allowed));
    if (status == Kind.UNAVAILABLE.status()) {
      response.header(HeaderNames.RETRY_AFTER, "1");
    }
    if (status == Kind.UNAUTHORIZED.status()) {
      response.header(
          HeaderNames.create("WWW-Authenticate"),
          "Keystone uri=\"" + request.baseUrl() + "/identity\"");
    }
    request
        .service()
        .microversions()
        .ifPresent(versions -> {
          String version = request.microversion().toString();
          response.header(
              HeaderNames.create(Microversions.HEADER), versions.serviceType() + " " + version);
          response.headers().add(HeaderNames.VARY, Microversions.HEADER);
          versions
              .legacyHeader()
              .ifPresent(legacy -> {
                response.header(HeaderNames.create(legacy), version);
                response.headers().add(HeaderNames.VARY, legacy);
              });
        });
  }

  /** Identity's form: what keystone's middleware answers in front of every service. */
  static ApiResponse commonFault(ApiException failure) {
    ObjectNode body = Json.object();
    body.putObject("error")
        .put("code", failure.kind().status())
        .put("title", failure.kind().title())
        .put("message", failure.message());
    return ApiResponse.json(failure.kind().status(), body);
  }
}
