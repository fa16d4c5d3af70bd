/** Tasks as they are kept and shown. */
package cloud.lastmile.image.task;
