/** Floating IPs, and where they lead. */
package cloud.lastmile.network.floatingip;
