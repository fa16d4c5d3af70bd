/** A PostgreSQL server of our own: its programs, its cluster, its life. */
package cloud.lastmile.platform.database.embedded;
