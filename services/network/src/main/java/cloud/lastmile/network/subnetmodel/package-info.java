/** Subnets as other nouns see them: rows and their SQL. */
package cloud.lastmile.network.subnetmodel;
