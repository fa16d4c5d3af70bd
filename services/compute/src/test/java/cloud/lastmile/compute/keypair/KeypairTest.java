package cloud.lastmile.compute.keypair;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.compute.TestingCompute;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** Keypairs of users. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KeypairTest {
  private static final String KEYPAIRS = "/compute/v2.1/os-keypairs";
  private static final String ED25519 =
      "ssh-ed25519"
          + " AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl someone";

  @AutoClose private final TestingCompute compute = new TestingCompute();

  @Test
  void importedKeysAreCheckedAndFingerprinted() {
    JsonNode key =
        compute
            .member()
            .post(
                KEYPAIRS, "{\"keypair\": {\"name\": \"k.1\", \"public_key\": \"" + ED25519 + "\"}}")
            .expect(201)
            .json()
            .path("keypair");
    assertThat(key.path("fingerprint").asString())
        .isEqualTo("65:96:2d:fc:e8:d5:a9:11:64:0c:0f:ea:00:6e:5b:bd");
    assertThat(key.path("type").asString()).isEqualTo("ssh");
    compute
        .member()
        .post(KEYPAIRS, "{\"keypair\": {\"name\": \"k2\", \"public_key\": \"ssh-rsa AAAA\"}}")
        .expect(400);
    compute.member().post(KEYPAIRS, "{\"keypair\": {\"name\": \"k2\"}}").expect(400);
    compute.stranger().get(KEYPAIRS + "/k.1").expect(404);
    compute.stranger().get(KEYPAIRS + "/k.1?user_id=alice").expect(403);
    compute.admin().get(KEYPAIRS + "/k.1?user_id=alice").expect(200);
    compute.member().delete(KEYPAIRS + "/k.1").expect(204);
  }

  @Test
  void generatedKeysAreHandedOutOnce() {
    JsonNode key =
        compute
            .member("2.1")
            .post(KEYPAIRS, "{\"keypair\": {\"name\": \"made\"}}")
            .expect(200)
            .json()
            .path("keypair");
    assertThat(key.path("private_key").asString()).startsWith("-----BEGIN RSA PRIVATE KEY-----");
    assertThat(key.path("public_key").asString()).startsWith("ssh-rsa ");
    JsonNode shown = compute.member().get(KEYPAIRS + "/made").expect(200).json().path("keypair");
    assertThat(shown.has("private_key")).isFalse();
    compute.member("2.1").post(KEYPAIRS, "{\"keypair\": {\"name\": \"made\"}}").expect(409);
  }

  @Test
  void aProjectsQuotaLimitsItsUsers() {
    compute
        .admin()
        .put("/compute/v2.1/os-quota-sets/p2", "{\"quota_set\": {\"key_pairs\": 1}}")
        .expect(200);
    String key = "{\"keypair\": {\"name\": \"%s\", \"public_key\": \"" + ED25519 + "\"}}";
    compute.stranger().post(KEYPAIRS, key.formatted("one")).expect(201);
    String refused = compute.stranger().post(KEYPAIRS, key.formatted("two")).expect(403).text();
    assertThat(refused).contains("Quota exceeded, too many key pairs.");
    compute.stranger().get(KEYPAIRS + "/two").expect(404);
  }

  @Test
  void certificatesAreGeneratedToo() {
    JsonNode key =
        compute
            .member("2.2")
            .post(KEYPAIRS, "{\"keypair\": {\"name\": \"cert\", \"type\": \"x509\"}}")
            .expect(201)
            .json()
            .path("keypair");
    assertThat(key.path("type").asString()).isEqualTo("x509");
    assertThat(key.path("public_key").asString()).startsWith("-----BEGIN CERTIFICATE-----");
    // The fingerprint is there only if the certificate could be read again.
    assertThat(key.path("fingerprint").asString()).hasSize(59);
  }
}
