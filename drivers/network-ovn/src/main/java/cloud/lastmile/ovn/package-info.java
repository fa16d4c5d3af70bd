/**
 * Networking by OVN: the daemons, the virtual switch of this host, the logical network and the
 * guests' way to the metadata service.
 */
@org.jspecify.annotations.NullMarked
package cloud.lastmile.ovn;
