/** What is asked of servers beside their actions: the route tables and their handlers. */
package cloud.lastmile.compute.request;
