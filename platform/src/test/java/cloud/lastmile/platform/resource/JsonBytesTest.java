package cloud.lastmile.platform.resource;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.platform.core.Json;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import tools.jackson.core.io.SerializedString;

class JsonBytesTest {
  @Test
  void everyTextIsReadAsItWas() {
    StringBuilder all = new StringBuilder("a\"b\\c/é漢😀\u2028");
    for (char control = 0; control <= 0x7f; control++) {
      all.append(control);
    }
    String text = all.toString();
    JsonBytes json = new JsonBytes(1);
    json.sign('{').name(new SerializedString("na\"me"));
    json.text(text.getBytes(StandardCharsets.UTF_8));
    json.sign('}');
    assertThat(Json.parse(json.toByteArray()).path("na\"me").asString()).isEqualTo(text);
  }

  @Test
  void uuidsComeInTwoForms() {
    UUID id = UUID.fromString("0a1b2c3d-4e5f-6789-abcd-ef0123456789");
    byte[] binary =
        ByteBuffer.allocate(16)
            .putLong(id.getMostSignificantBits())
            .putLong(id.getLeastSignificantBits())
            .array();
    JsonBytes json = new JsonBytes(4);
    json.sign('[').uuid(binary);
    json.sign(',').uuid(id.toString().getBytes(StandardCharsets.US_ASCII));
    json.sign(',').nothing();
    json.sign(',').raw("17");
    json.sign(',').raw("{\"x\":1}".getBytes(StandardCharsets.US_ASCII));
    assertThat(new String(json.sign(']').toByteArray(), StandardCharsets.US_ASCII))
        .isEqualTo("[\"" + id + "\",\"" + id + "\",null,17,{\"x\":1}]");
  }
}
