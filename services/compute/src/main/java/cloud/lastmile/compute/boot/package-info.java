/** A new server from its body to the accepted job: draft, plan, acceptance. */
package cloud.lastmile.compute.boot;
