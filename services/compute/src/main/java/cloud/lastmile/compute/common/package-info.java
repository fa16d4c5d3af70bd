/**
 * What all nouns of compute share: policies, links, pages, inputs of bodies, events. Depends on no
 * other package of compute.
 */
package cloud.lastmile.compute.common;
