/**
 * The server: its row, its states, what changes it, who may know of it. What is done to servers is
 * in {@code job}, what is asked of them in {@code request} and {@code action}.
 */
package cloud.lastmile.compute.server;
