package cloud.lastmile.identity.ldap;

import cloud.lastmile.platform.core.OutgoingTls;
import com.unboundid.ldap.sdk.FailoverServerSet;
import com.unboundid.ldap.sdk.LDAPConnection;
import com.unboundid.ldap.sdk.LDAPConnectionOptions;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.LDAPURL;
import com.unboundid.ldap.sdk.ServerSet;
import com.unboundid.ldap.sdk.SingleServerSet;
import com.unboundid.ldap.sdk.StartTLSPostConnectProcessor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLSocketFactory;

/**
 * Connects to the servers of a domain's directory, the first that answers. Whoever is spoken to by
 * TLS must be who was asked for, before any password is sent.
 */
final class LdapServers {
  private static final int CONNECT_MILLIS = 5_000;
  private static final int RESPONSE_MILLIS = 10_000;

  private final LdapConfig config;

  LdapServers(LdapConfig config) {
    this.config = config;
  }

  /** A connection to be closed, as nobody yet. */
  LDAPConnection connect() throws LDAPException {
    try {
      List<ServerSet> servers = new ArrayList<>();
      for (String text : config.urls().split(",", -1)) {
        servers.add(server(new LDAPURL(text.strip().replaceFirst("/$", ""))));
      }
      return servers.size() == 1
          ? servers.getFirst().getConnection()
          : new FailoverServerSet(servers.toArray(new ServerSet[0])).getConnection();
    } catch (LDAPException failure) {
      throw LdapProblem.connecting(config.urls(), failure);
    }
  }

  /** A connection to be closed, as the user of the configuration. */
  LDAPConnection search() throws LDAPException {
    LDAPConnection connection = connect();
    if (!config.bindDn().isEmpty()) {
      try {
        connection.bind(config.bindDn(), config.password());
      } catch (LDAPException refused) {
        connection.close();
        throw LdapProblem.binding(config.bindDn(), refused);
      }
    }
    return connection;
  }

  private ServerSet server(LDAPURL url) throws LDAPException {
    LDAPConnectionOptions options = new LDAPConnectionOptions();
    options.setConnectTimeoutMillis(CONNECT_MILLIS);
    options.setResponseTimeoutMillis(RESPONSE_MILLIS);
    if (url.getScheme().equals("ldaps")) {
      return new SingleServerSet(url.getHost(), url.getPort(), secured(), options);
    }
    StartTLSPostConnectProcessor startTls =
        config.tls().start() ? new StartTLSPostConnectProcessor(secured()) : null;
    return new SingleServerSet(url.getHost(), url.getPort(), null, options, null, startTls);
  }

  private SSLSocketFactory secured() throws LdapProblem {
    LdapConfig.Tls tls = config.tls();
    try {
      OutgoingTls whom =
          !tls.checked()
              ? OutgoingTls.unchecked()
              : tls.authorities().isEmpty()
                  ? OutgoingTls.standard()
                  : OutgoingTls.trusting(Path.of(tls.authorities()));
      return whom.sockets(OutgoingTls.Names.LDAPS);
    } catch (IOException unusable) {
      throw LdapProblem.configured(
          "tls_cacertfile or tls_cacertdir: " + unusable.getMessage(), unusable);
    }
  }
}
