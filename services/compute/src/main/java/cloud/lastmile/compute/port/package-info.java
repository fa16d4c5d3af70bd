/** The ports of servers: what a request wants, and what of it becomes ports of the network. */
package cloud.lastmile.compute.port;
