package cloud.lastmile.identity.oauth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lastmile.platform.core.ApiException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OAuthSignatureTest {
  private static final String CONSUMER_SECRET = "kd94hf93k423kf44";
  private static final String TOKEN_SECRET = "pfkkdhi9sl3r4s00";

  private static OAuthRequest photos(String header) {
    return new OAuthRequest(
        "GET",
        "http://photos.example.net/photos",
        OAuthRequest.parameters(header),
        Map.of("file", List.of("vacation.jpg"), "size", List.of("original")));
  }

  /** The example of RFC 5849, section 1.2. */
  @Test
  void theStandardsExampleIsRight() {
    String header =
        """
        OAuth realm="Photos", oauth_consumer_key="dpf43f3p2l4k3l03",
          oauth_token="nnch734d00sl2jdk", oauth_signature_method="HMAC-SHA1",
          oauth_timestamp="137131202", oauth_nonce="chapoH",
          oauth_signature="MdpQcU8iPSUjWoN%2FUDMsK2sui9I%3D"
        """;
    assertThat(OAuthSignature.right(photos(header), CONSUMER_SECRET, TOKEN_SECRET)).isTrue();
    assertThat(OAuthSignature.right(photos(header), CONSUMER_SECRET, "other")).isFalse();
    assertThat(OAuthSignature.right(photos(header), "other", TOKEN_SECRET)).isFalse();
  }

  /** Of RFC 5849, section 3.4.1.1, less the parameters of its form. */
  @Test
  void theBaseStringSortsAndEncodesTwice() {
    OAuthRequest request =
        new OAuthRequest(
            "post",
            "HTTP://EXAMPLE.COM:80/r%20v/X",
            Map.of("oauth_nonce", "7d8f3e4a", "oauth_signature", "left out"),
            Map.of("b5", List.of("=%3D"), "a3", List.of("b", "a"), "c@", List.of("")));
    assertThat(OAuthSignature.base(request))
        .isEqualTo(
            "POST&http%3A%2F%2Fexample.com%2Fr%2520v%2FX&a3%3Da%26a3%3Db%26b5%3D%253D%25253D"
                + "%26c%2540%3D%26oauth_nonce%3D7d8f3e4a");
  }

  @Test
  void malformedHeadersAreRefusedWithoutBeingQuoted() {
    for (String header :
        List.of(
            "",
            "Basic planted",
            "OAuth planted",
            "OAuth a=planted",
            "OAuth a=\"planted%zz\"",
            "OAuth a=\"planted\", a=\"planted\"")) {
      assertThatThrownBy(() -> OAuthRequest.parameters(header))
          .isInstanceOf(ApiException.class)
          .hasMessageNotContaining("planted");
    }
  }
}
