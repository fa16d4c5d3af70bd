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

  /**
   * A pair of EC2 keys, by the id of the credential that holds them.
   *
   * @param made by what they were made themselves: the user, or a delegation, which lends no more
   *     through them than without them
   */
  record Ec2Keys(String credentialId, TokenVia made) implements TokenVia {
    public Ec2Keys {
      if (made instanceof Ec2Keys || made instanceof Federation) {
        throw new IllegalArgumentException("keys are not made by " + made);
      }
    }

    /** Keys that the user itself made. */
    public Ec2Keys(String credentialId) {
      this(credentialId, new Own());
    }
  }

  /** What decides what the bearer may do: of keys that a delegation made, the delegation. */
  default TokenVia lender() {
    return this instanceof Ec2Keys keys && !(keys.made() instanceof Own) ? keys.made() : this;
  }

  /** A login at an identity provider, through one of its protocols. */
  record Federation(String providerId, String protocolId) implements TokenVia {}
}
