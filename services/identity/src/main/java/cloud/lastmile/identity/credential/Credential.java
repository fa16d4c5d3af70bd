package cloud.lastmile.identity.credential;

import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * Something secret of a user's: an EC2 key pair, a TOTP secret, a certificate.
 *
 * @param blob the secret, in the clear; JSON for EC2, base32 for TOTP
 */
public record Credential(
    String id,
    String userId,
    Optional<String> projectId,
    String type,
    String blob,
    ObjectNode extra) {
  public static final String EC2 = "ec2";
  public static final String TOTP = "totp";

  Credential with(Optional<String> changedProjectId, String changedBlob) {
    return new Credential(id, userId, changedProjectId, type, changedBlob, extra);
  }

  /** Never the blob. */
  @Override
  public String toString() {
    return "Credential[" + id + " " + type + "]";
  }
}
