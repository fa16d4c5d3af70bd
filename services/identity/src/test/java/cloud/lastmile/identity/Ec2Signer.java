package cloud.lastmile.identity;

import cloud.lastmile.testing.TestingHttp.Answer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import tools.jackson.databind.JsonNode;

/** Signs with a pair of EC2 keys, as version 2 of the signatures wants it. */
final class Ec2Signer {
  private Ec2Signer() {}

  /** A token for the pair's owner. */
  static String token(TestingIdentity identity, JsonNode pair) {
    return exchange(identity, pair, pair.path("secret").asString())
        .expect(200)
        .header("X-Subject-Token");
  }

  /** The answer to a request that is signed with this secret, be it the pair's or not. */
  static Answer exchange(TestingIdentity identity, JsonNode pair, String secret) {
    String access = pair.path("access").asString();
    String text =
        "GET\nh\n/\nAWSAccessKeyId=" + access + "&SignatureMethod=HmacSHA256&SignatureVersion=2";
    return identity
        .admin()
        .post(
            "/v3/ec2tokens",
            """
            {"credentials": {"access": "%1$s", "signature": "%2$s", "host": "h", "verb": "GET",
              "path": "/", "params": {"SignatureVersion": "2", "SignatureMethod": "HmacSHA256",
              "AWSAccessKeyId": "%1$s"}}}\
            """
                .formatted(access, signature(secret, text)));
  }

  private static String signature(String secret, String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      return Base64.getEncoder().encodeToString(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
