/**
 * The image: its row, its attributes and states, who may see and change it, what it counts, and
 * what it looks like to others.
 */
package cloud.lastmile.image.record;
