/**
 * The network service, wired, with the routes that belong to no noun. Each noun has a package:
 * {@code net} (networks), {@code subnet}, {@code subnetpool}, {@code port}, {@code router}, {@code
 * floatingip}, {@code securitygroup}; its description is the class named {@code ...Noun}. What they
 * share is in {@code common} and {@code write}; {@code engine} tells OVN, by {@code backend}, what
 * the database says.
 */
package cloud.lastmile.network;
