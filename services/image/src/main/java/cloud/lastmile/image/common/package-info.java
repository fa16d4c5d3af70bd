/** What all packages of image share. Depends on no other of them. */
package cloud.lastmile.image.common;
