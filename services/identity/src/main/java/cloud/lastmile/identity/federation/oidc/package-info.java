/**
 * OpenID Connect as a client and as a resource server: what Keystone leaves to a module of its web
 * server.
 */
package cloud.lastmile.identity.federation.oidc;
