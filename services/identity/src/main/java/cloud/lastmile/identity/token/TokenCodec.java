package cloud.lastmile.identity.token;

import cloud.lastmile.identity.token.TokenScope.Kind;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;

/**
 * Writes tokens as text and reads them back.
 *
 * <p>URL-safe base64, without padding, of: version (1 byte), key id (2), scope kind with bits for
 * the parent and for what the token was made by (1), methods as bits (2), issued in microseconds
 * (8), expires in seconds (8), audit id (16), parent's audit id (16, if any), user id, scope id (if
 * any), the application credential's id, the trust's and the other user's, the identity provider's
 * and the protocol's, the access token's and the consumer's, the EC2 credential's (alone, or after
 * that by which the keys were made), and HMAC-SHA256 (32) over all before it. Ids of 32 hex digits
 * take 17 bytes, others their length and one. About 140 to 210 characters, of EC2 keys to 300.
 *
 * <p>What a signature was found good for is remembered, in a bounded amount of memory and for as
 * long as its key is there; expiry and revocation are not this class's.
 */
public final class TokenCodec {
  private static final int VERSION = 1;
  private static final int MAC_LENGTH = 32;
  private static final int AUDIT_LENGTH = 16;
  private static final int MAX_LENGTH = 512;
  private static final int HAS_PARENT = 0x80;
  private static final int BY_TRUST = 0x40;
  private static final int BY_CREDENTIAL = 0x20;
  private static final int BY_FEDERATION = 0x10;
  private static final int BY_ACCESS_TOKEN = 0x08;
  private static final int BY_EC2_KEYS = 0x04;
  private static final int KIND = 0x03;
  private static final int BY =
      BY_TRUST | BY_CREDENTIAL | BY_FEDERATION | BY_ACCESS_TOKEN | BY_EC2_KEYS;
  private static final int PACKED = 0x80;
  private static final int HEX_LENGTH = 32;
  private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();
  private static final AuthMethod[] METHODS = AuthMethod.values();

  /** A token that is in use is shown many times a second. */
  private static final long MAX_REMEMBERED_BYTES = 12 << 20;

  private static final int ENTRY_BYTES = 500;

  private record Verified(Token token, int keyId) {}

  private final TokenKeys keys;
  private final Cache<String, Verified> verified =
      Caffeine.newBuilder()
          .maximumWeight(MAX_REMEMBERED_BYTES)
          // What the text says is kept beside it.
          .weigher((String text, Verified _) -> ENTRY_BYTES + 4 * text.length())
          .build();

  public TokenCodec(TokenKeys keys) {
    this.keys = keys;
  }

  /** The token's text, signed with the newest key. */
  public String encode(Token token) {
    TokenKey key = keys.current();
    ByteBuffer buffer = ByteBuffer.allocate(MAX_LENGTH);
    buffer.put((byte) VERSION).putShort((short) key.id());
    int kind =
        token.scope().kind().code()
            | (token.parentAuditId().isPresent() ? HAS_PARENT : 0)
            | flag(token.via());
    buffer.put((byte) kind).putShort((short) bits(token.methods()));
    buffer.putLong(micros(token.issuedAt())).putLong(token.expiresAt().getEpochSecond());
    buffer.put(audit(token.auditId()));
    token.parentAuditId().ifPresent(parent -> buffer.put(audit(parent)));
    putId(buffer, token.userId());
    if (!token.scope().id().isEmpty()) {
      putId(buffer, token.scope().id());
    }
    putVia(buffer, token.via());
    byte[] signature = key.sign(buffer.array(), buffer.position());
    buffer.put(signature);
    return ENCODER.encodeToString(Arrays.copyOf(buffer.array(), buffer.position()));
  }

  /** What the text says; empty if it is no token or not signed with a key of ours. */
  public Optional<Token> decode(String text) {
    if (text.length() > MAX_LENGTH) {
      return Optional.empty();
    }
    Verified known = verified.getIfPresent(text);
    if (known != null && keys.find(known.keyId()).isPresent()) {
      return Optional.of(known.token());
    }
    return verify(text);
  }

  private Optional<Token> verify(String text) {
    try {
      byte[] bytes = Base64.getUrlDecoder().decode(text);
      int signed = bytes.length - MAC_LENGTH;
      if (signed < 4 || bytes[0] != VERSION) {
        return Optional.empty();
      }
      int keyId = ((bytes[1] & 0xff) << 8) | (bytes[2] & 0xff);
      Optional<TokenKey> key = keys.find(keyId);
      if (key.isEmpty()) {
        return Optional.empty();
      }
      byte[] expected = key.get().sign(bytes, signed);
      byte[] actual = Arrays.copyOfRange(bytes, signed, bytes.length);
      if (!MessageDigest.isEqual(expected, actual)) {
        return Optional.empty();
      }
      Token token = read(ByteBuffer.wrap(bytes, 3, signed - 3));
      verified.put(text, new Verified(token, keyId));
      return Optional.of(token);
    } catch (IllegalArgumentException | BufferUnderflowException notToken) {
      return Optional.empty();
    }
  }

  private static Token read(ByteBuffer buffer) {
    int kind = buffer.get() & 0xff;
    Set<AuthMethod> methods = methods(buffer.getShort());
    Instant issuedAt = instant(buffer.getLong());
    Instant expiresAt = Instant.ofEpochSecond(buffer.getLong());
    String auditId = audit(buffer);
    Optional<String> parent =
        (kind & HAS_PARENT) == 0 ? Optional.empty() : Optional.of(audit(buffer));
    String userId = id(buffer);
    Kind scopeKind = Kind.of(kind & KIND);
    String scopeId = scopeKind == Kind.PROJECT || scopeKind == Kind.DOMAIN ? id(buffer) : "";
    return new Token(
        userId,
        new TokenScope(scopeKind, scopeId),
        via(kind, buffer),
        methods,
        issuedAt,
        expiresAt,
        auditId,
        parent);
  }

  private static int flag(TokenVia via) {
    return switch (via) {
      case TokenVia.Own _ -> 0;
      case TokenVia.Credential _ -> BY_CREDENTIAL;
      case TokenVia.Trust _ -> BY_TRUST;
      case TokenVia.Federation _ -> BY_FEDERATION;
      case TokenVia.AccessToken _ -> BY_ACCESS_TOKEN;
      case TokenVia.Ec2Keys keys -> BY_EC2_KEYS | flag(keys.made());
    };
  }

  private static void putVia(ByteBuffer buffer, TokenVia via) {
    switch (via) {
      case TokenVia.Own _ -> {}
      case TokenVia.Credential credential -> putId(buffer, credential.id());
      case TokenVia.Trust trust -> {
        putId(buffer, trust.id());
        putId(buffer, trust.otherId());
      }
      case TokenVia.Federation federation -> {
        putId(buffer, federation.providerId());
        putId(buffer, federation.protocolId());
      }
      case TokenVia.AccessToken access -> {
        putId(buffer, access.id());
        putId(buffer, access.consumerId());
      }
      case TokenVia.Ec2Keys keys -> {
        putVia(buffer, keys.made());
        putId(buffer, keys.credentialId());
      }
    }
  }

  private static TokenVia via(int kind, ByteBuffer buffer) {
    TokenVia made = made(kind & BY & ~BY_EC2_KEYS, buffer);
    return (kind & BY_EC2_KEYS) == 0 ? made : new TokenVia.Ec2Keys(id(buffer), made);
  }

  private static TokenVia made(int by, ByteBuffer buffer) {
    return switch (by) {
      case 0 -> new TokenVia.Own();
      case BY_CREDENTIAL -> new TokenVia.Credential(id(buffer));
      case BY_TRUST -> new TokenVia.Trust(id(buffer), id(buffer));
      case BY_FEDERATION -> new TokenVia.Federation(id(buffer), id(buffer));
      case BY_ACCESS_TOKEN -> new TokenVia.AccessToken(id(buffer), id(buffer));
      default -> throw new IllegalArgumentException("made by more than one");
    };
  }

  private static int bits(Set<AuthMethod> methods) {
    return methods.stream().mapToInt(method -> method.bit()).sum();
  }

  private static Set<AuthMethod> methods(int bits) {
    Set<AuthMethod> methods = EnumSet.noneOf(AuthMethod.class);
    for (AuthMethod method : METHODS) {
      if ((bits & method.bit()) != 0) {
        methods.add(method);
      }
    }
    return methods;
  }

  private static long micros(Instant instant) {
    return Math.addExact(instant.getEpochSecond() * 1_000_000, instant.getNano() / 1_000);
  }

  private static Instant instant(long micros) {
    return Instant.ofEpochSecond(
        Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1_000);
  }

  private static byte[] audit(String text) {
    byte[] bytes = Base64.getUrlDecoder().decode(text);
    if (bytes.length != AUDIT_LENGTH) {
      throw new IllegalArgumentException("no audit id: " + text);
    }
    return bytes;
  }

  private static String audit(ByteBuffer buffer) {
    byte[] bytes = new byte[AUDIT_LENGTH];
    buffer.get(bytes);
    return ENCODER.encodeToString(bytes);
  }

  private static void putId(ByteBuffer buffer, String id) {
    if (isHex(id)) {
      buffer.put((byte) (PACKED | 16)).put(HexFormat.of().parseHex(id));
      return;
    }
    byte[] bytes = id.getBytes(StandardCharsets.UTF_8);
    if (bytes.length == 0 || bytes.length >= PACKED) {
      throw new IllegalArgumentException("an id of " + bytes.length + " bytes");
    }
    buffer.put((byte) bytes.length).put(bytes);
  }

  private static boolean isHex(String id) {
    if (id.length() != HEX_LENGTH) {
      return false;
    }
    for (int i = 0; i < HEX_LENGTH; i++) {
      char digit = id.charAt(i);
      if ((digit < '0' || digit > '9') && (digit < 'a' || digit > 'f')) {
        return false;
      }
    }
    return true;
  }

  private static String id(ByteBuffer buffer) {
    int header = buffer.get() & 0xff;
    byte[] bytes = new byte[header & ~PACKED];
    buffer.get(bytes);
    return (header & PACKED) == 0
        ? new String(bytes, StandardCharsets.UTF_8)
        : HexFormat.of().formatHex(bytes);
  }
}
