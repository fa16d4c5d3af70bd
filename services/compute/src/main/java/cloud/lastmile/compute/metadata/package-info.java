/**
 * What a guest is told of itself, as pure functions of {@link
 * cloud.lastmile.compute.metadata.GuestMetadata}: the OpenStack and EC2 layouts of the metadata
 * service, and the same as files of a config drive. Beside them, what serves it: {@code
 * MetadataServer}.
 */
@org.jspecify.annotations.NullMarked
package cloud.lastmile.compute.metadata;
