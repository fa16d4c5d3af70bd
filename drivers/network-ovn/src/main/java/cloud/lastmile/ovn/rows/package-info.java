/**
 * What OVN's northbound database shall hold for a desired state: pure functions from a resource to
 * its rows.
 *
 * <p>A row's UUID is the resource's own or derived from it, and names follow the conventions that
 * operators of OpenStack know ({@code neutron-<network>}, {@code lrp-<port>}, {@code pg_<group>}).
 * So every row can be found without a search, and one made twice is noticed. Each row says in
 * {@code external_ids} which resource it belongs to; rows that do not are another's and left alone.
 */
@org.jspecify.annotations.NullMarked
package cloud.lastmile.ovn.rows;
