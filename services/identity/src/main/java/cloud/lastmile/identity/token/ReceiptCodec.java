package cloud.lastmile.identity.token;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * Writes receipts as text and reads them back: that a user passed some methods but not yet enough.
 * Signed like tokens, with the same keys, and told apart by the first byte.
 */
public final class ReceiptCodec {
  private static final byte VERSION = 0x52;
  private static final int MAC_LENGTH = 32;
  private static final int MAX_LENGTH = 512;
  private static final int HEADER_LENGTH = 1 + 2 + 2 + 8 + 8;

  private final TokenKeys keys;

  public ReceiptCodec(TokenKeys keys) {
    this.keys = keys;
  }

  /** What a receipt says. */
  public record Receipt(
      String userId, Set<AuthMethod> methods, Instant issuedAt, Instant expiresAt) {}

  public String encode(Receipt receipt) {
    TokenKey key = keys.current();
    byte[] user = receipt.userId().getBytes(StandardCharsets.UTF_8);
    ByteBuffer buffer = ByteBuffer.allocate(HEADER_LENGTH + user.length + MAC_LENGTH);
    buffer.put(VERSION).putShort((short) key.id());
    buffer.putShort((short) receipt.methods().stream().mapToInt(method -> method.bit()).sum());
    buffer.putLong(receipt.issuedAt().toEpochMilli());
    buffer.putLong(receipt.expiresAt().toEpochMilli());
    buffer.put(user);
    buffer.put(key.sign(buffer.array(), buffer.position()));
    return Base64.getUrlEncoder().withoutPadding().encodeToString(buffer.array());
  }

  /** Empty if it is no receipt, or not signed with a key of ours. */
  public Optional<Receipt> decode(String text) {
    if (text.length() > MAX_LENGTH) {
      return Optional.empty();
    }
    try {
      byte[] bytes = Base64.getUrlDecoder().decode(text);
      int signed = bytes.length - MAC_LENGTH;
      if (signed <= HEADER_LENGTH || bytes[0] != VERSION) {
        return Optional.empty();
      }
      ByteBuffer buffer = ByteBuffer.wrap(bytes, 1, signed - 1);
      int keyId = buffer.getShort() & 0xffff;
      Optional<TokenKey> key = keys.find(keyId);
      byte[] actual = Arrays.copyOfRange(bytes, signed, bytes.length);
      if (key.isEmpty() || !MessageDigest.isEqual(key.get().sign(bytes, signed), actual)) {
        return Optional.empty();
      }
      return Optional.of(read(buffer));
    } catch (IllegalArgumentException | BufferUnderflowException notReceipt) {
      return Optional.empty();
    }
  }

  private static Receipt read(ByteBuffer buffer) {
    int bits = buffer.getShort();
    Set<AuthMethod> methods = EnumSet.noneOf(AuthMethod.class);
    for (AuthMethod method : AuthMethod.values()) {
      if ((bits & method.bit()) != 0) {
        methods.add(method);
      }
    }
    Instant issuedAt = Instant.ofEpochMilli(buffer.getLong());
    Instant expiresAt = Instant.ofEpochMilli(buffer.getLong());
    byte[] user = new byte[buffer.remaining()];
    buffer.get(user);
    return new Receipt(new String(user, StandardCharsets.UTF_8), methods, issuedAt, expiresAt);
  }
}
