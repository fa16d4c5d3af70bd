/**
 * What an assertion makes of somebody: the rules that an operator writes, and what they mean. Knows
 * neither routes nor protocols.
 */
package cloud.lastmile.identity.federation.mapping;
