/**
 * Users of other identity providers: providers, protocols and mappings as Keystone's OS-FEDERATION
 * has them, and what a login there makes here. How a provider is asked is in {@code oidc}, what a
 * mapping means in {@code mapping}.
 */
package cloud.lastmile.identity.federation;
