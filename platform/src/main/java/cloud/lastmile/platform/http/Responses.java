package cloud.lastmile.platform.http;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.ApiException.Kind;
import cloud.lastmile.platform.core.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/** Sends answers, with what all services share. */
final class Responses {
  private static final Logger LOG = LoggerFactory.getLogger(Responses.class);

  /** Shorter answers are left to the connection, which waits for the client without a thread. */
  private static final int AT_ONCE = 1 << 16;

  private Responses() {}

  /**
   * Sends the answer and completes {@code done} when it is sent, which for small ones may be later.
   */
  static void send(
      ApiResponse answer,
      String method,
      @Nullable WireRequest request,
      Response response,
      Callback done) {
    response.setStatus(answer.status());
    HttpFields.Mutable headers = response.getHeaders();
    for (Map.Entry<String, String> header : answer.headers()) {
      headers.add(header.getKey(), header.getValue());
    }
    if (request != null) {
      addRequestHeaders(request, answer.status(), headers);
    }
    if (endsByItself(response.getRequest())) {
      // Our status line says HTTP/1.1, by which a proxy would keep the connection for others.
      headers.put(HttpHeader.CONNECTION, HttpHeaderValue.CLOSE);
    }
    boolean head = method.equals("HEAD");
    switch (answer.body()) {
      case ApiResponse.Body.Empty _ -> {
        if (request != null) {
          request.answering(0);
        }
        response.write(true, null, done);
      }
      case ApiResponse.Body.Bytes bytes ->
          send(response, bytes.contentType(), bytes.content(), head, request, done);
      case ApiResponse.Body.Tree tree ->
          send(
              response,
              "application/json",
              Json.mapper().writeValueAsBytes(tree.node()),
              head,
              request,
              done);
      case ApiResponse.Body.Stream stream -> stream(response, stream, head, request, done);
    }
  }

  /** Of HTTP/1.0 a connection lasts for a request unless the client asks for more. */
  private static boolean endsByItself(Request request) {
    HttpVersion version = request.getConnectionMetaData().getHttpVersion();
    HttpFields asked = request.getHeaders();
    return version != HttpVersion.HTTP_1_1
        && (version != HttpVersion.HTTP_1_0
            || asked.contains(HttpHeader.CONNECTION, HttpHeaderValue.CLOSE.asString())
            || !asked.contains(HttpHeader.CONNECTION, HttpHeaderValue.KEEP_ALIVE.asString()));
  }

  private static void send(
      Response response,
      String contentType,
      byte[] content,
      boolean head,
      @Nullable WireRequest request,
      Callback done) {
    if (request != null) {
      request.answering(head ? 0 : content.length);
    }
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, contentType);
    response.getHeaders().put(HttpHeader.CONTENT_LENGTH, content.length);
    if (head || content.length <= AT_ONCE) {
      response.write(true, head ? null : ByteBuffer.wrap(content), done);
    } else {
      pieces(response, output -> output.write(content), request, done);
    }
  }

  private static void stream(
      Response response,
      ApiResponse.Body.Stream stream,
      boolean head,
      @Nullable WireRequest request,
      Callback done) {
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, stream.contentType());
    if (stream.length() >= 0) {
      response.getHeaders().put(HttpHeader.CONTENT_LENGTH, stream.length());
    }
    if (head) {
      response.write(true, null, done);
    } else {
      pieces(response, stream.source(), request, done);
    }
  }

  private static void pieces(
      Response response, ApiResponse.Source source, @Nullable WireRequest request, Callback done) {
    HttpLimits.Pace pace = WireConnection.of(response.getRequest()).limits().answer();
    AnswerStream output =
        new AnswerStream(response, pace, request == null ? null : request.lease());
    try {
      source.writeTo(output);
    } catch (IOException | RuntimeException failure) {
      // Where something is sent already, closing the connection is all that tells the client.
      done.failed(output.isClientGone() ? failure : ours(failure));
      return;
    }
    response.write(true, null, done);
  }

  /** Told and logged as a handler's failures are. */
  private static Throwable ours(Exception failure) {
    ApiException told =
        failure instanceof ApiException known
            ? known
            : ApiException.internal(
                "An unexpected error prevented the server from fulfilling your request.", failure);
    if (told.kind() == Kind.INTERNAL || told.getCause() != null) {
      LOG.error("An answer could not be finished", failure);
    }
    return new HttpException.RuntimeException(told.kind().status(), told.message(), failure);
  }

  private static void addRequestHeaders(
      WireRequest request, int status, HttpFields.Mutable headers) {
    request.allow().ifPresent(allowed -> headers.put(HttpHeader.ALLOW, allowed));
    if (status == Kind.UNAVAILABLE.status()) {
      headers.put(HttpHeader.RETRY_AFTER, "1");
    }
    if (status == Kind.UNAUTHORIZED.status()) {
      headers.put(
          HttpHeader.WWW_AUTHENTICATE, "Keystone uri=\"" + request.baseUrl() + "/identity\"");
    }
    request
        .service()
        .microversions()
        .ifPresent(versions -> {
          String version = request.microversion().toString();
          headers.put(Microversions.HEADER, versions.serviceType() + " " + version);
          headers.add(HttpHeader.VARY, Microversions.HEADER);
          versions
              .legacyHeader()
              .ifPresent(legacy -> {
                headers.put(legacy, version);
                headers.add(HttpHeader.VARY, legacy);
              });
        });
  }

  /** A refusal of what no service has been found for. */
  static void sendFault(ApiException failure, String method, Response response, Callback done) {
    if (failure.kind() == Kind.UNAVAILABLE) {
      response.getHeaders().put(HttpHeader.RETRY_AFTER, "1");
    }
    send(commonFault(failure), method, null, response, done);
  }

  /** Identity's form: what keystone's middleware answers in front of every service. */
  static ApiResponse commonFault(ApiException failure) {
    return ApiResponse.json(failure.kind().status(), commonFaultBody(failure));
  }

  static ObjectNode commonFaultBody(ApiException failure) {
    ObjectNode body = Json.object();
    body.putObject("error")
        .put("code", failure.kind().status())
        .put("title", failure.kind().title())
        .put("message", failure.message());
    return body;
  }
}
