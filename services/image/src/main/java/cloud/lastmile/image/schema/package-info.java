/** The schemas that the API says it speaks. */
package cloud.lastmile.image.schema;
