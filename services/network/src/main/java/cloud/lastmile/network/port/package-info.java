/** Ports: how they are made, changed and deleted, their addresses, and who is told. */
package cloud.lastmile.network.port;
