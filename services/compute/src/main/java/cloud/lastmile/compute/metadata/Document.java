package cloud.lastmile.compute.metadata;

/**
 * A file of the metadata service.
 *
 * @param contentType such as {@code text/plain; charset=UTF-8}
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
public record Document(String contentType, byte[] content) {}
