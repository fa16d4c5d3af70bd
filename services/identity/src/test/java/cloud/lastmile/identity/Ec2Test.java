package cloud.lastmile.identity;

import static cloud.lastmile.identity.TestingIdentity.PASSWORD;
import static cloud.lastmile.identity.TestingIdentity.projectScope;
import static cloud.lastmile.identity.TestingIdentity.unique;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.TestingHttp;
import cloud.lastmile.testing.TestingHttp.Answer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class Ec2Test {
  @AutoClose private static final TestingIdentity IDENTITY = TestingIdentity.start();
  private static String userId = "";
  private static String projectId = "";
  private static TestingHttp user = IDENTITY.anonymous();

  @BeforeAll
  static void person() {
    String project = unique("project");
    projectId = IDENTITY.project(project);
    String name = unique("user");
    userId = IDENTITY.user(name);
    IDENTITY.grant(userId, "member", projectId);
    user = IDENTITY.with(IDENTITY.token(name, PASSWORD, "default", projectScope(project)));
  }

  private static String path() {
    return "/v3/users/" + userId + "/credentials/OS-EC2";
  }

  private static JsonNode make() {
    return user.post(path(), "{\"tenant_id\": \"" + projectId + "\"}")
        .expect(201)
        .json()
        .path("credential");
  }

  private static byte[] hmac(String algorithm, byte[] key, String text) {
    try {
      Mac mac = Mac.getInstance(algorithm);
      mac.init(new SecretKeySpec(key, algorithm));
      return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void aKeyPairIsMadeListedShownAndRemoved() {
    JsonNode made = make();
    assertThat(made.path("tenant_id").asString()).isEqualTo(projectId);
    String access = made.path("access").asString();
    assertThat(made.at("/links/self").asString()).endsWith(path() + "/" + access);
    assertThat(user.get(path() + "/" + access).expect(200).json().path("credential"))
        .isEqualTo(made);
    assertThat(user.get(path()).expect(200).json().path("credentials").findValuesAsString("access"))
        .contains(access);
    String admin = IDENTITY.admin().get("/v3/users?name=admin").json().at("/users/0/id").asString();
    user.get("/v3/users/" + admin + "/credentials/OS-EC2").expect(403);
    user.delete(path() + "/" + access).expect(204);
    user.get(path() + "/" + access).expect(404);
  }

  private static Answer signedTwo(JsonNode pair, String host, String sentHost) {
    String access = pair.path("access").asString();
    String text =
        "GET\n"
            + host
            + "\n/services/Cloud\nAWSAccessKeyId="
            + access
            + "&Action=Do%20it&SignatureMethod=HmacSHA256&SignatureVersion=2";
    String signature =
        Base64.getEncoder()
            .encodeToString(hmac("HmacSHA256", bytes(pair.path("secret").asString()), text));
    return IDENTITY
        .admin()
        .post(
            "/v3/ec2tokens",
            """
            {"credentials": {"access": "%s", "signature": "%s", "host": "%s", "verb": "GET",
              "path": "/services/Cloud", "params": {"SignatureVersion": "2", "Action": "Do it",
              "SignatureMethod": "HmacSHA256", "AWSAccessKeyId": "%s"}}}\
            """
                .formatted(access, signature, sentHost, access));
  }

  @Test
  void aSignatureOfVersionTwoGetsAToken() {
    JsonNode pair = make();
    Answer answer = signedTwo(pair, "cloud.test:8773", "cloud.test:8773").expect(200);
    JsonNode token = answer.json().path("token");
    assertThat(token.at("/user/id").asString()).isEqualTo(userId);
    assertThat(token.at("/project/id").asString()).isEqualTo(projectId);
    assertThat(token.path("methods").toString()).isEqualTo("[\"ec2credential\"]");
    IDENTITY.with(answer.header("X-Subject-Token")).get("/v3/auth/projects").expect(200);
    signedTwo(pair, "cloud.test", "cloud.test:8773").expect(200);
    signedTwo(pair, "elsewhere", "cloud.test:8773").expect(401);
  }

  private static Answer signedFour(JsonNode pair, String date) {
    String access = pair.path("access").asString();
    String scope = date.substring(0, 8) + "/us-east-1/ec2/aws4_request";
    String body = sha256("");
    String request =
        "GET\n/\nAction=List\nhost:cloud.test\nx-amz-date:" + date + "\n\nhost;x-amz-date\n" + body;
    String text = "AWS4-HMAC-SHA256\n" + date + "\n" + scope + "\n" + sha256(request);
    String signature =
        HexFormat.of().formatHex(hmac("HmacSHA256", key(pair, scope.split("/", -1)), text));
    return IDENTITY
        .admin()
        .post(
            "/v3/ec2tokens",
            """
            {"credentials": {"access": "%s", "signature": "%s", "host": "cloud.test",
              "verb": "GET", "path": "/", "params": {"Action": "List"}, "body_hash": "%s",
              "headers": {"X-Amz-Date": "%s", "Host": "cloud.test", "Authorization":
              "AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=host;x-amz-date, Signature=%s"}}}\
            """
                .formatted(access, signature, body, date, access, scope, signature));
  }

  private static byte[] key(JsonNode pair, String[] scope) {
    byte[] key = bytes("AWS4" + pair.path("secret").asString());
    for (String part : scope) {
      key = hmac("HmacSHA256", key, part);
    }
    return key;
  }

  private static String sha256(String text) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes(text)));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static String now(long secondsAgo) {
    return java.time.format.DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'")
        .withZone(java.time.ZoneOffset.UTC)
        .format(java.time.Instant.now().minusSeconds(secondsAgo));
  }

  @Test
  void aSignatureOfVersionFourGetsATokenWhileItIsFresh() {
    JsonNode pair = make();
    signedFour(pair, now(0)).expect(200);
    signedFour(pair, now(3_600)).expect(401);
  }

  @Test
  void onlyServicesHaveSignaturesChecked() {
    user.post("/v3/ec2tokens", "{}").expect(403);
    IDENTITY.anonymous().post("/v3/ec2tokens", "{}").expect(401);
    IDENTITY.admin().post("/v3/ec2tokens", "{}").expect(401);
    IDENTITY
        .admin()
        .post("/v3/ec2tokens", "{\"credentials\": {\"access\": \"x\", \"signature\": \"y\"}}")
        .expect(404);
    IDENTITY.admin().get("/v3/ec2tokens").expect(405);
  }

  private static Answer s3(JsonNode pair, String text, String signature) {
    return IDENTITY
        .admin()
        .post(
            "/v3/s3tokens",
            """
            {"credentials": {"access": "%s", "token": "%s", "signature": "%s"}}\
            """
                .formatted(
                    pair.path("access").asString(),
                    Base64.getUrlEncoder().encodeToString(bytes(text)),
                    signature));
  }

  @Test
  void signaturesOfS3GetATokenToo() {
    JsonNode pair = make();
    String old = "GET\n\n\nTue, 27 Mar 2007 19:36:42 +0000\n/bucket/photos";
    byte[] secret = bytes(pair.path("secret").asString());
    s3(pair, old, Base64.getEncoder().encodeToString(hmac("HmacSHA1", secret, old))).expect(200);
    s3(pair, old, "wrong").expect(401);
    String[] scope = {"20261121", "us-east-1", "s3", "aws4_request"};
    String text =
        "AWS4-HMAC-SHA256\n20261121T000000Z\n" + String.join("/", scope) + "\n" + sha256("x");
    String signature = HexFormat.of().formatHex(hmac("HmacSHA256", key(pair, scope), text));
    s3(pair, text, signature).expect(200);
    s3(pair, text.replace("/s3/", "/ec2/"), signature).expect(401);
    s3(pair, "AWS4", signature).expect(401);
  }

  private static JsonNode program(String name) {
    return user.post(
            "/v3/users/" + userId + "/application_credentials",
            "{\"application_credential\": {\"name\": \"%s\", \"roles\": [{\"name\": \"member\"}]}}"
                .formatted(name))
        .expect(201)
        .json()
        .path("application_credential");
  }

  /** A pair that says that it was made by something, as earlier versions wrote it. */
  private static JsonNode pair(TestingHttp http, String owner, String access, String madeBy) {
    String blob = "{\"access\": \"%s\", \"secret\": \"s\", %s}".formatted(access, madeBy);
    http.post(
            "/v3/credentials",
            """
            {"credential": {"type": "ec2", "user_id": "%s", "project_id": "%s", "blob": %s}}\
            """
                .formatted(owner, projectId, JsonMapper.shared().writeValueAsString(blob)))
        .expect(201);
    return JsonMapper.shared().readTree(blob);
  }

  @Test
  void aPairMadeByAProgramGivesNoMoreThanThat() {
    JsonNode program = program("maker");
    JsonNode pair = pair(user, userId, "made", "\"app_cred_id\": " + program.path("id"));
    JsonNode issued = signedTwo(pair, "h", "h").expect(200).json().path("token");
    assertThat(issued.at("/application_credential/id")).isEqualTo(program.path("id"));
    user.delete("/v3/users/" + userId + "/application_credentials/" + program.path("id").asString())
        .expect(204);
    signedTwo(pair, "h", "h").expect(401);
  }

  /** Whatever a pair says that it was made by: what made it may live on. */
  @Test
  void aTokenOfAnyPairGoesWithThePair() {
    String program = "\"app_cred_id\": " + program("outlives").path("id");
    for (String impersonation : List.of("true", "false")) {
      String trust = trust(impersonation);
      JsonNode lent =
          pair(user, userId, "trusted" + impersonation, "\"trust_id\": \"" + trust + "\"");
      assertEndsWithItsPair(lent);
    }
    assertEndsWithItsPair(pair(user, userId, "programmed", program));
  }

  private static String trust(String impersonation) {
    return user.post(
            "/v3/OS-TRUST/trusts",
            """
            {"trust": {"trustor_user_id": "%s", "trustee_user_id": "%s", "impersonation": %s,
              "project_id": "%s", "roles": [{"name": "member"}]}}\
            """
                .formatted(userId, userId, impersonation, projectId))
        .expect(201)
        .json()
        .at("/trust/id")
        .asString();
  }

  private static void assertEndsWithItsPair(JsonNode pair) {
    String token = signedTwo(pair, "h", "h").expect(200).header("X-Subject-Token");
    TestingHttp signer = IDENTITY.with(token);
    signer.get("/v3/auth/projects").expect(200);
    user.delete(path() + "/" + pair.path("access").asString()).expect(204);
    signer.get("/v3/auth/projects").expect(401);
    IDENTITY.admin().with("X-Subject-Token", token).get("/v3/auth/tokens").expect(404);
  }

  @Test
  void aPairNeverSpeaksForAnotherThanItsOwner() {
    String name = unique("other");
    String other = IDENTITY.user(name);
    IDENTITY.grant(other, "member", projectId);
    TestingHttp attacker =
        IDENTITY.with(
            IDENTITY.token(
                name, PASSWORD, "default", "{\"project\": {\"id\": \"" + projectId + "\"}}"));
    JsonNode program = program("lent");
    JsonNode forged = pair(attacker, other, "forged", "\"app_cred_id\": " + program.path("id"));
    signedTwo(forged, "h", "h").expect(401);
  }

  @Test
  void aTokenOfAPairGoesWithItAndIsNotTheUsersOwnLogin() {
    JsonNode pair = make();
    String token = signedTwo(pair, "h", "h").expect(200).header("X-Subject-Token");
    TestingHttp signer = IDENTITY.with(token);
    signer.get("/v3/auth/projects").expect(200);
    IDENTITY
        .anonymous()
        .post(
            "/v3/auth/tokens",
            "{\"auth\": {\"identity\": {\"methods\": [\"token\"], \"token\": {\"id\": \"%s\"}}}}"
                .formatted(token))
        .expect(403);
    user.delete(path() + "/" + pair.path("access").asString()).expect(204);
    signer.get("/v3/auth/projects").expect(401);
  }
}
