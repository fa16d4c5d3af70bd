/** What the cloud tells of itself to those who watch it. */
package cloud.lastmile.app.metrics;
