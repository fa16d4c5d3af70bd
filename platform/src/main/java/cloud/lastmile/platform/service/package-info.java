/**
 * What a service is to those who run it. It stands above {@code http} and {@code work}, which a
 * service uses: so it is a package of its own and not a part of either.
 */
package cloud.lastmile.platform.service;
