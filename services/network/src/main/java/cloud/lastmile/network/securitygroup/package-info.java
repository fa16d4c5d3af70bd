/** Security groups and their rules. */
package cloud.lastmile.network.securitygroup;
