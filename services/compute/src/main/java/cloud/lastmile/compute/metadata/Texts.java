package cloud.lastmile.compute.metadata;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** Plain text documents. */
final class Texts {
  private Texts() {}

  static Document text(String text) {
    return new Document("text/plain; charset=UTF-8", text.getBytes(StandardCharsets.UTF_8));
  }

  static Document lines(List<String> lines) {
    return text(String.join("\n", lines));
  }
}
