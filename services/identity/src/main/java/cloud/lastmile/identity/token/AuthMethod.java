package cloud.lastmile.identity.token;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How a user proved who it is. */
public enum AuthMethod {
  PASSWORD(0),
  TOKEN(1),
  TOTP(2),
  APPLICATION_CREDENTIAL(3),
  EXTERNAL(4),
  MAPPED(5),
  OPENID(6),
  SAML2(7),
  EC2CREDENTIAL(8),
  OAUTH1(9);

  private final int bit;

  /**
   * @param bit where the token's format has it; never to change
   */
  AuthMethod(int bit) {
    this.bit = 1 << bit;
  }

  int bit() {
    return bit;
  }

  /** As in requests and answers. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Optional<AuthMethod> parse(String text) {
    return Arrays.stream(values()).filter(method -> method.text().equals(text)).findFirst();
  }
}
