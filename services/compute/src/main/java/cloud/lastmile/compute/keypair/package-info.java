/** Keypairs, and the keys and certificates that are made for users. */
package cloud.lastmile.compute.keypair;
