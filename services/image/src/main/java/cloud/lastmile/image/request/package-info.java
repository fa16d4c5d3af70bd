/**
 * What is asked of images beside their bytes: the route tables and their handlers, lists, changes,
 * members, tags.
 */
package cloud.lastmile.image.request;
