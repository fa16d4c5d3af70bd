/** Servers as the API shows them, by microversion. */
package cloud.lastmile.compute.view;
