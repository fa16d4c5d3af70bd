/**
 * The words and shapes of the Networking API that all its nouns share: dialect, standard
 * attributes, converters, errors.
 */
package cloud.lastmile.network.common;
