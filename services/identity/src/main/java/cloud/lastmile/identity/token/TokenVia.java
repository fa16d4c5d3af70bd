package cloud.lastmile.identity.token;

/** By what a token was made, if not by its user's own login; by id only. */
public sealed interface TokenVia {

  /** The user itself logged in. */
  record Own() implements TokenVia {}

  /** An application credential of the user's. */
  record Credential(String id) implements TokenVia {}

  /**
   * A trust.
   *
   * @param otherId the trustee if the token's user is the trustor, else the trustor
   */
  record Trust(String id, String otherId) implements TokenVia {}

  /** An OAuth 1 access token, which the user gave a consumer. */
  record AccessToken(String id, String consumerId) implements TokenVia {}

  /** A pair of EC2 keys that the user itself made; by the id of the credential that holds them. */
  record Ec2Keys(String credentialId) implements TokenVia {}

  /** A login at an identity provider, through one of its protocols. */
  record Federation(String providerId, String protocolId) implements TokenVia {}
}
