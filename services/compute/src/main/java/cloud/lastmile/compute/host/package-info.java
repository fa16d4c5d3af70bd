/**
 * Hosts: which there are, which are reachable and up, what of them is given out, and how they are
 * grouped in aggregates and zones.
 */
package cloud.lastmile.compute.host;
