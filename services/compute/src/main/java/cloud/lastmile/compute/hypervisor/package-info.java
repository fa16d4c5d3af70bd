/** Hosts as {@code os-hypervisors} shows them. */
package cloud.lastmile.compute.hypervisor;
