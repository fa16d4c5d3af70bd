package cloud.lastmile.identity.credential;

import cloud.lastmile.identity.common.Faults;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Digests;
import cloud.lastmile.platform.core.Json;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The JSON inside an EC2 credential: access key, secret, and in credentials of earlier versions by
 * what delegation it was made: what it is exchanged for is then no more than that.
 */
public final class Ec2Blob {
  private static final List<String> BINDINGS =
      List.of("trust_id", "app_cred_id", "access_token_id", "access_id");

  private final ObjectNode node;

  private Ec2Blob(ObjectNode node) {
    this.node = node;
  }

  /**
   * @throws ApiException bad request if it is not JSON with an access key
   */
  public static Ec2Blob parse(String blob) {
    JsonNode parsed;
    try {
      parsed = Json.mapper().readTree(blob);
    } catch (JacksonException malformed) {
      throw ApiException.badRequest("Invalid blob in credential");
    }
    if (!(parsed instanceof ObjectNode object) || object.isEmpty()) {
      throw Faults.expecting("blob", "credential");
    }
    if (!object.path("access").isString()) {
      throw Faults.expecting("access", "credential");
    }
    return new Ec2Blob(object);
  }

  static Ec2Blob of(String access, String secret) {
    return new Ec2Blob(Json.object().put("access", access).put("secret", secret));
  }

  /** Refuses a change of what it was made by. */
  void requireSameBinding(Ec2Blob changed) {
    for (String name : BINDINGS) {
      if (!text(name).equals(changed.text(name))) {
        throw ApiException.badRequest(name + " can not be updated for credential");
      }
    }
  }

  String access() {
    return node.path("access").asString("");
  }

  public String secret() {
    return node.path("secret").asString("");
  }

  public Optional<String> trustId() {
    return text("trust_id");
  }

  public Optional<String> credentialId() {
    return text("app_cred_id");
  }

  public Optional<String> accessTokenId() {
    return text("access_token_id");
  }

  private Optional<String> text(String name) {
    return Optional.of(node.path(name).asString("")).filter(value -> !value.isEmpty());
  }

  String json() {
    return node.toString();
  }

  /** The id of the credential with an access key. */
  public static String id(String access) {
    return Digests.sha256Hex(access);
  }
}
