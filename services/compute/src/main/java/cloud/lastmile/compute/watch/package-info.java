/** Compares what hosts report with what the database says, and tidies up after failed jobs. */
package cloud.lastmile.compute.watch;
