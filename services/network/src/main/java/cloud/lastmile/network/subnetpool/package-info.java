/** Subnet pools: prefixes out of which subnets get theirs. */
package cloud.lastmile.network.subnetpool;
