/**
 * Imports: sources, the durable steps from there into stores, and the routes and tasks that ask for
 * them.
 */
package cloud.lastmile.image.imports;
