/**
 * The daemons of Open vSwitch and OVN as Lastmile runs them: in a private directory, detached so
 * that they outlive it, adopted again when it comes back, started again when they die.
 *
 * <p>A daemon's control socket is what it is watched by: the connection breaks in the moment the
 * daemon dies, whoever its parent is.
 */
@org.jspecify.annotations.NullMarked
package cloud.lastmile.ovn.daemon;
