/**
 * The Compute API v2.1 and everything behind it.
 *
 * <p>A request goes {@code request.ServerRoutes} (table and handlers) → {@code boot.ServerAccept}
 * (one transaction: quota, row, job) → {@code job.ServerCreate} and its sisters (durable steps) →
 * {@link cloud.lastmile.agent.Host}. All that a request can be refused for is decided before it is
 * accepted; what goes wrong later ends as a server in ERROR with a fault.
 *
 * <p>A server's row holds everything its view shows, its ports' addresses included, so that every
 * list is one statement. The row's {@code revision} names its content: views are cached under it.
 *
 * <p>The packages stand on each other in this order, the lowest first: {@code common}; {@code
 * flavor}, {@code host}; {@code quota}, {@code keypair}, {@code group}, {@code server}; {@code
 * hardware}, {@code hypervisor}, {@code metadata}, {@code port}; {@code view}; {@code job}; {@code
 * boot}, {@code watch}; {@code action}, {@code request}. This one wires them.
 */
@org.jspecify.annotations.NullMarked
package cloud.lastmile.compute;
