/**
 * What is done to servers: durable steps, the transitions by which they are accepted, and the
 * choice of a host.
 */
package cloud.lastmile.compute.job;
