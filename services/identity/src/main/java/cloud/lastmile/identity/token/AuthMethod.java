package cloud.lastmile.identity.token;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How a user proved who it is. The order is part of the token's format: append only. */
public enum AuthMethod {
  PASSWORD,
  TOKEN,
  TOTP,
  APPLICATION_CREDENTIAL,
  EXTERNAL,
  MAPPED,
  OPENID,
  SAML2;

  /** As in requests and answers. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Optional<AuthMethod> parse(String text) {
    return Arrays.stream(values()).filter(method -> method.text().equals(text)).findFirst();
  }
}
