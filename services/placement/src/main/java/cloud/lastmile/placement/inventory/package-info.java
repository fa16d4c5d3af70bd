/** What providers have, in classes, and what is used of it. */
package cloud.lastmile.placement.inventory;
