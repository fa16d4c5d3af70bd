/** What flavors and images say of a guest's hardware, and where they contradict each other. */
package cloud.lastmile.compute.hardware;
