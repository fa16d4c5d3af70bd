/**
 * Users of other identity providers: providers, protocols and mappings as Keystone's OS-FEDERATION
 * has them, and what a login there makes here. How a provider is asked is in {@code oidc}.
 */
package cloud.lastmile.identity.federation;
