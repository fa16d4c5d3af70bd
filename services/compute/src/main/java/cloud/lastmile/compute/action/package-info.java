/**
 * What {@code POST /servers/{id}/action} can do, a class for each, and the log of what was done.
 */
package cloud.lastmile.compute.action;
