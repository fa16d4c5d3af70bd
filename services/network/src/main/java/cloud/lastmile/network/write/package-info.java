/** Writes of the network: one transaction, then the engine. */
package cloud.lastmile.network.write;
