package cloud.lastmile.compute.keypair;

import java.time.Instant;

/**
 * A user's public key.
 *
 * @param type {@code ssh} or {@code x509}
 * @param fingerprint MD5 of an SSH key, SHA-1 of a certificate, in hex with colons
 */
public record Keypair(
    long number,
    String userId,
    String name,
    String type,
    String publicKey,
    String fingerprint,
    Instant createdAt) {}
