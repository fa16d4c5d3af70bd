package cloud.lastmile.identity;

import static cloud.lastmile.identity.TestingIdentity.PASSWORD;
import static cloud.lastmile.identity.TestingIdentity.unique;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.TestingHttp;
import cloud.lastmile.testing.TestingHttp.Answer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** One-time passwords, multi-factor rules and receipts. */
class FactorTest {
  @AutoClose private static final TestingIdentity IDENTITY = TestingIdentity.start();

  /** Base32 of {@code 12345678901234567890}. */
  private static final String SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

  private static Duration passed = Duration.ZERO;

  /** The RFC's own code, apart from ours, for the time that identity believes in. */
  private static String passcode() {
    long step = Instant.now().plus(passed).getEpochSecond() / 30;
    try {
      Mac mac = Mac.getInstance("HmacSHA1");
      mac.init(
          new SecretKeySpec(
              "12345678901234567890".getBytes(StandardCharsets.US_ASCII), "HmacSHA1"));
      byte[] hash = mac.doFinal(ByteBuffer.allocate(8).putLong(step).array());
      int offset = hash[19] & 0xf;
      int code = ByteBuffer.wrap(hash, offset, 4).getInt() & 0x7fffffff;
      return String.format(Locale.ROOT, "%06d", code % 1_000_000);
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static void pass(Duration time) {
    passed = passed.plus(time);
    IDENTITY.pass(time);
  }

  private static String user(String options) {
    String id = IDENTITY.user(unique("user"));
    IDENTITY
        .admin()
        .patch("/v3/users/" + id, "{\"user\": {\"options\": " + options + "}}")
        .expect(200);
    IDENTITY
        .admin()
        .post(
            "/v3/credentials",
            """
            {"credential": {"type": "totp", "user_id": "%s", "blob": "%s"}}\
            """
                .formatted(id, SECRET))
        .expect(201);
    return id;
  }

  private static String password(String id) {
    return "\"password\": {\"user\": {\"id\": \"%s\", \"password\": \"%s\"}}"
        .formatted(id, PASSWORD);
  }

  private static String totp(String id, String passcode) {
    return "\"totp\": {\"user\": {\"id\": \"%s\", \"passcode\": \"%s\"}}".formatted(id, passcode);
  }

  private static Answer login(TestingHttp http, String methods, String proofs) {
    return http.post(
        "/v3/auth/tokens",
        "{\"auth\": {\"identity\": {\"methods\": [" + methods + "], " + proofs + "}}}");
  }

  @Test
  void aPasscodeIsGoodOnce() {
    String id = user("{}");
    pass(Duration.ofMinutes(1));
    String code = passcode();
    Answer first = login(IDENTITY.anonymous(), "\"totp\"", totp(id, code)).expect(201);
    assertThat(first.json().at("/token/methods").toString()).isEqualTo("[\"totp\"]");
    login(IDENTITY.anonymous(), "\"totp\"", totp(id, code)).expect(401);
    login(IDENTITY.anonymous(), "\"totp\"", totp(id, "000000x")).expect(401);
    pass(Duration.ofMinutes(5));
    login(IDENTITY.anonymous(), "\"totp\"", totp(id, code)).expect(401);
  }

  @Test
  void rulesAskForAllMethodsOfOneAndGiveReceiptsUntilThen() {
    String id = user("{\"multi_factor_auth_rules\": [[\"password\", \"totp\"]]}");
    pass(Duration.ofMinutes(1));
    Answer half = login(IDENTITY.anonymous(), "\"password\"", password(id)).expect(401);
    assertThat(half.json().at("/receipt/methods").toString()).isEqualTo("[\"password\"]");
    assertThat(half.json().at("/receipt/user/id").asString()).isEqualTo(id);
    assertThat(half.json().path("required_auth_methods").toString())
        .isEqualTo("[[\"password\",\"totp\"]]");
    String receipt = half.header("Openstack-Auth-Receipt");
    assertThat(receipt).isNotEmpty();
    IDENTITY.with(receipt).get("/v3/auth/projects").expect(401);
    TestingHttp again = IDENTITY.anonymous().with("Openstack-Auth-Receipt", receipt);
    login(again, "\"totp\"", totp(id, "123")).expect(401);
    Answer whole = login(again, "\"totp\"", totp(id, passcode())).expect(201);
    assertThat(whole.json().at("/token/methods").toString()).isEqualTo("[\"password\",\"totp\"]");
    pass(Duration.ofMinutes(1));
    login(
            IDENTITY.anonymous(),
            "\"password\", \"totp\"",
            password(id) + ", " + totp(id, passcode()))
        .expect(201);
    login(
            IDENTITY.anonymous(),
            "\"token\"",
            "\"token\": {\"id\": \"" + whole.header("X-Subject-Token") + "\"}")
        .expect(201);
  }

  @Test
  void aReceiptIsOfOneUserAndEnds() {
    String id = user("{\"multi_factor_auth_rules\": [[\"password\", \"totp\"]]}");
    String other = user("{\"multi_factor_auth_rules\": [[\"password\", \"totp\"]]}");
    pass(Duration.ofMinutes(1));
    String receipt =
        login(IDENTITY.anonymous(), "\"password\"", password(id))
            .expect(401)
            .header("Openstack-Auth-Receipt");
    TestingHttp again = IDENTITY.anonymous().with("Openstack-Auth-Receipt", receipt);
    login(again, "\"totp\"", totp(other, passcode())).expect(401);
    pass(Duration.ofMinutes(6));
    login(again, "\"totp\"", totp(id, passcode())).expect(401);
    login(
            IDENTITY.anonymous().with("Openstack-Auth-Receipt", "garbage"),
            "\"password\"",
            password(id))
        .expect(401);
  }

  @Test
  void rulesThatAreOffOrNameNothingKnownLockNobodyOut() {
    String off =
        user(
            """
            {"multi_factor_auth_enabled": false,
             "multi_factor_auth_rules": [["password", "totp"]]}\
            """);
    login(IDENTITY.anonymous(), "\"password\"", password(off)).expect(201);
    String unknown = user("{\"multi_factor_auth_rules\": [[\"palmistry\"]]}");
    login(IDENTITY.anonymous(), "\"password\"", password(unknown)).expect(201);
    String either = user("{\"multi_factor_auth_rules\": [[\"totp\"], [\"password\"]]}");
    login(IDENTITY.anonymous(), "\"password\"", password(either)).expect(201);
  }
}
