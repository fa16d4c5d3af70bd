/** An image's bytes: how they come in, are checked, put into stores, read again and removed. */
package cloud.lastmile.image.data;
