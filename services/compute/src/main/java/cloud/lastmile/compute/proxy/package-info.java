/** Routes by which old clients reach another service. */
package cloud.lastmile.compute.proxy;
