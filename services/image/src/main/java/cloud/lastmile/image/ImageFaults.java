package cloud.lastmile.image;

import cloud.lastmile.image.record.ImageRules;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.ServiceApi.FaultFormat;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * Errors as the reference's web library writes them: HTML unless the client asks for JSON or cannot
 * take HTML. The text is followed by two empty lines in each form, which clients know to strip.
 */
final class ImageFaults implements FaultFormat {

  @Override
  public ApiResponse render(ApiException failure, String requestId) {
    return render(failure, requestId, Optional.empty());
  }

  @Override
  public ApiResponse render(ApiException failure, String requestId, Optional<String> accept) {
    int status = failure.kind().status();
    String title = failure.kind().title();
    String accepted = accept.orElse("*/*");
    if (accepted.contains("text/html") || accepted.contains("*/*")) {
      return text(
          status,
          "text/html; charset=UTF-8",
          """
          <html>
           <head>
            <title>%1$s</title>
           </head>
           <body>
            <h1>%1$s</h1>
            %2$s<br /><br />


           </body>
          </html>\
          """
              .formatted(status + " " + title, escaped(failure.message())));
    }
    if (accepted.contains("application/json") || accepted.contains("application/*")) {
      ObjectNode body = Json.object();
      body.put("message", failure.message() + "<br /><br />\n\n\n");
      body.put("code", status + " " + title);
      body.put("title", title);
      return ApiResponse.json(status, body);
    }
    return text(
        status,
        "text/plain; charset=UTF-8",
        status + " " + title + "\n\n" + failure.message() + "\n\n   ");
  }

  private static ApiResponse text(int status, String type, String content) {
    return ApiResponse.bytes(status, type, content.getBytes(StandardCharsets.UTF_8));
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#x27;");
  }

  @Override
  public String forbidden(String rule) {
    return "You are not authorized to complete " + rule + " action.";
  }

  @Override
  public String invalidField(ApiException.InvalidField field) {
    return field.name().equals("marker")
        ? ImageRules.noImage(field.value()).message()
        : "Provided object does not match schema 'image': "
            + field.reason()
            + ": field "
            + field.name();
  }
}
