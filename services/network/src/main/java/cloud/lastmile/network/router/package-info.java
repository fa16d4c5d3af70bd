/** Routers: their legs, their way to the outside, their routes. */
package cloud.lastmile.network.router;
