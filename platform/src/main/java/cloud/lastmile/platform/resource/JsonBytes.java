package cloud.lastmile.platform.resource;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import tools.jackson.core.io.SerializedString;

/**
 * JSON that is written from what the database sent, byte for byte where that is JSON or plain text
 * already: a list of 500 ports has 14,000 values, and turning each into a string and back would be
 * half of its cost.
 */
final class JsonBytes {
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] NULL = "null".getBytes(StandardCharsets.US_ASCII);
  private static final int UUID_BYTES = 16;

  private byte[] bytes;
  private int length;

  JsonBytes(int capacity) {
    bytes = new byte[capacity];
  }

  byte[] toByteArray() {
    return Arrays.copyOf(bytes, length);
  }

  /** A brace, a bracket, a comma. */
  JsonBytes sign(char sign) {
    room(1);
    bytes[length++] = (byte) sign;
    return this;
  }

  /** A field's name with its colon. */
  JsonBytes name(SerializedString name) {
    byte[] quoted = name.asQuotedUTF8();
    room(quoted.length + 3);
    bytes[length++] = '"';
    copy(quoted);
    bytes[length++] = '"';
    bytes[length++] = ':';
    return this;
  }

  void nothing() {
    raw(NULL);
  }

  /** What is JSON. */
  void raw(byte[] json) {
    room(json.length);
    copy(json);
  }

  /** ASCII that is JSON: numbers, true and false. */
  void raw(String json) {
    raw(json.getBytes(StandardCharsets.US_ASCII));
  }

  /** A string of these UTF-8 bytes. */
  void text(byte[] utf8) {
    room(6 * utf8.length + 2);
    bytes[length++] = '"';
    for (byte one : utf8) {
      if (one == '"' || one == '\\') {
        bytes[length++] = '\\';
        bytes[length++] = one;
      } else if (one >= 0 && one < ' ') {
        control(one);
      } else {
        bytes[length++] = one;
      }
    }
    bytes[length++] = '"';
  }

  private void control(byte one) {
    bytes[length++] = '\\';
    bytes[length++] = 'u';
    bytes[length++] = '0';
    bytes[length++] = '0';
    bytes[length++] = HEX[one >> 4];
    bytes[length++] = HEX[one & 15];
  }

  /** A string with this UUID, as 16 bytes or as text: the driver gives either. */
  void uuid(byte[] value) {
    if (value.length != UUID_BYTES) {
      text(value);
      return;
    }
    room(38);
    bytes[length++] = '"';
    for (int index = 0; index < UUID_BYTES; index++) {
      if (index == 4 || index == 6 || index == 8 || index == 10) {
        bytes[length++] = '-';
      }
      bytes[length++] = HEX[value[index] >> 4 & 15];
      bytes[length++] = HEX[value[index] & 15];
    }
    bytes[length++] = '"';
  }

  private void room(int more) {
    if (length + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
    }
  }

  private void copy(byte[] more) {
    System.arraycopy(more, 0, bytes, length, more.length);
    length += more.length;
  }
}
