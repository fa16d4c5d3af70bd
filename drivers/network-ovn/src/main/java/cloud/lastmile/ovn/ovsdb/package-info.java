/**
 * A client of OVSDB, the database protocol of Open vSwitch and OVN (RFC 7047 with the extensions
 * {@code monitor_cond_since} and client-chosen row UUIDs).
 *
 * <p>{@link cloud.lastmile.ovn.ovsdb.OvsdbClient} is the entry: it holds one connection, keeps the
 * monitored tables in memory as {@link cloud.lastmile.ovn.ovsdb.Row}s and commits lists of {@link
 * cloud.lastmile.ovn.ovsdb.Operation}s. Column values are plain Java values, see {@link
 * cloud.lastmile.ovn.ovsdb.OvsdbValues}.
 */
@org.jspecify.annotations.NullMarked
package cloud.lastmile.ovn.ovsdb;
