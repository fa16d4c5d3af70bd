/** Who uses what, and where it would fit. */
package cloud.lastmile.placement.allocation;
