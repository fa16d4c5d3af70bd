/** Subnets: what they are, and what of them must fit together. */
package cloud.lastmile.network.subnet;
