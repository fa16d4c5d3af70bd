/**
 * The guests' way to the metadata service at 169.254.169.254.
 *
 * <p>One network namespace per cloud holds that address. Each network with guests on this host has
 * a veth into it, whose other end is the network's metadata port in the switch. A single haproxy
 * listens in it once per veth, bound to that device: so it knows the network a request came from,
 * whatever the guest claims, and answers leave by the same device, also where networks use the same
 * addresses. It passes requests on to Lastmile's Unix socket.
 */
@org.jspecify.annotations.NullMarked
package cloud.lastmile.ovn.metadata;
