/** Server groups. */
package cloud.lastmile.compute.group;
