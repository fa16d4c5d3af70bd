/**
 * What all nouns of placement share: versions, faults, policies, names. Depends on no other package
 * of placement.
 */
package cloud.lastmile.placement.common;
