/** Flavors, who may use them, their extra specs, and the flavor as a server keeps it. */
package cloud.lastmile.compute.flavor;
