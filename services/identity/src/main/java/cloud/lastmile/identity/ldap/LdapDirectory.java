package cloud.lastmile.identity.ldap;

import com.unboundid.asn1.ASN1OctetString;
import com.unboundid.ldap.sdk.BindRequest;
import com.unboundid.ldap.sdk.BindResult;
import com.unboundid.ldap.sdk.FailoverServerSet;
import com.unboundid.ldap.sdk.Filter;
import com.unboundid.ldap.sdk.LDAPConnection;
import com.unboundid.ldap.sdk.LDAPConnectionOptions;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.LDAPURL;
import com.unboundid.ldap.sdk.ResultCode;
import com.unboundid.ldap.sdk.SearchRequest;
import com.unboundid.ldap.sdk.SearchResult;
import com.unboundid.ldap.sdk.SearchResultEntry;
import com.unboundid.ldap.sdk.ServerSet;
import com.unboundid.ldap.sdk.SimpleBindRequest;
import com.unboundid.ldap.sdk.SingleServerSet;
import com.unboundid.ldap.sdk.StartTLSPostConnectProcessor;
import com.unboundid.ldap.sdk.controls.SimplePagedResultsControl;
import com.unboundid.util.ssl.JVMDefaultTrustManager;
import com.unboundid.util.ssl.PEMFileTrustManager;
import com.unboundid.util.ssl.SSLUtil;
import com.unboundid.util.ssl.TrustAllTrustManager;
import java.io.File;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * An LDAP server as a domain's configuration describes it. Each question opens a connection and
 * closes it: questions are few, and a broken connection concerns none but its own.
 */
final class LdapDirectory {
  private static final int CONNECT_MILLIS = 5_000;
  private static final int RESPONSE_MILLIS = 10_000;

  private final LdapConfig config;

  LdapDirectory(LdapConfig config) {
    this.config = config;
  }

  List<LdapUser> users() throws LDAPException {
    try (LDAPConnection connection = search()) {
      return users(connection, Filter.createPresenceFilter(config.users().id()));
    }
  }

  /** By an attribute of the directory; empty also if several have this value. */
  private Optional<LdapUser> user(String attribute, String value) throws LDAPException {
    try (LDAPConnection connection = search()) {
      List<LdapUser> found = users(connection, Filter.createEqualityFilter(attribute, value));
      return found.size() == 1 ? Optional.of(found.getFirst()) : Optional.empty();
    }
  }

  Optional<LdapUser> userByName(String name) throws LDAPException {
    return user(config.users().name(), name);
  }

  Optional<LdapUser> userById(String localId) throws LDAPException {
    return user(config.users().id(), localId);
  }

  List<LdapGroup> groups() throws LDAPException {
    try (LDAPConnection connection = search()) {
      return groups(connection, Filter.createPresenceFilter(config.groups().id()));
    }
  }

  List<LdapGroup> groupsOf(LdapUser user) throws LDAPException {
    try (LDAPConnection connection = search()) {
      String member = config.groups().membersAreIds() ? user.localId() : user.dn();
      return groups(connection, Filter.createEqualityFilter(config.groups().member(), member));
    }
  }

  /** By what a group names the user as a member, in one spelling of all that mean the same. */
  String memberKey(LdapUser user) {
    return memberKey(config.groups().membersAreIds() ? user.localId() : user.dn());
  }

  /** The same of what a group says. */
  String memberKey(String member) {
    return config.groups().membersAreIds()
        ? member.strip().toLowerCase(Locale.ROOT)
        : LdapNames.normal(member);
  }

  /** Whether a bind with the password succeeds. Never with an empty one, which binds nobody. */
  boolean binds(LdapUser user, String password) throws LDAPException {
    if (password.isEmpty()) {
      return false;
    }
    try (LDAPConnection connection = servers().getConnection()) {
      BindRequest request = new SimpleBindRequest(user.dn(), password);
      BindResult result = connection.bind(request);
      return result.getResultCode().equals(ResultCode.SUCCESS);
    } catch (LDAPException refused) {
      if (refused.getResultCode().isConnectionUsable()) {
        return false;
      }
      throw refused;
    }
  }

  private LDAPConnection search() throws LDAPException {
    LDAPConnection connection = servers().getConnection();
    if (!config.bindDn().isEmpty()) {
      try {
        connection.bind(config.bindDn(), config.password());
      } catch (LDAPException refused) {
        connection.close();
        throw refused;
      }
    }
    return connection;
  }

  private ServerSet servers() throws LDAPException {
    List<ServerSet> servers = new ArrayList<>();
    for (String text : config.urls().split(",", -1)) {
      servers.add(server(new LDAPURL(text.strip().replaceFirst("/$", ""))));
    }
    return servers.size() == 1
        ? servers.getFirst()
        : new FailoverServerSet(servers.toArray(new ServerSet[0]));
  }

  private ServerSet server(LDAPURL url) throws LDAPException {
    LDAPConnectionOptions options = new LDAPConnectionOptions();
    options.setConnectTimeoutMillis(CONNECT_MILLIS);
    options.setResponseTimeoutMillis(RESPONSE_MILLIS);
    try {
      if (url.getScheme().equals("ldaps")) {
        return new SingleServerSet(
            url.getHost(), url.getPort(), ssl().createSSLSocketFactory(), options);
      }
      StartTLSPostConnectProcessor startTls =
          config.startTls() ? new StartTLSPostConnectProcessor(ssl().createSSLContext()) : null;
      return new SingleServerSet(url.getHost(), url.getPort(), null, options, null, startTls);
    } catch (GeneralSecurityException broken) {
      throw new LDAPException(ResultCode.CONNECT_ERROR, "TLS cannot be set up", broken);
    }
  }

  private SSLUtil ssl() throws GeneralSecurityException {
    TrustManager trust;
    if (!config.checkCertificate()) {
      trust = new TrustAllTrustManager();
    } else if (config.caFile().isEmpty()) {
      trust = JVMDefaultTrustManager.getInstance();
    } else {
      trust = new PEMFileTrustManager(new File(config.caFile()));
    }
    return new SSLUtil(trust);
  }

  private List<LdapUser> users(LDAPConnection connection, Filter which) throws LDAPException {
    LdapConfig.Users names = config.users();
    Filter filter = filter(names.objectClass(), names.filter(), which);
    List<LdapUser> users = new ArrayList<>();
    for (SearchResultEntry entry : entries(connection, names.base(), filter)) {
      String id = entry.getAttributeValue(names.id());
      String name = entry.getAttributeValue(names.name());
      if (id != null && name != null) {
        users.add(
            new LdapUser(
                entry.getDN(),
                id,
                name,
                entry.getAttributeValue(names.mail()),
                entry.getAttributeValue(names.description()),
                enabled(entry.getAttributeValue(names.enabled()))));
      }
    }
    return users;
  }

  /** A mask makes a bit of a number the mark of who is disabled, as in Active Directory. */
  private boolean enabled(@Nullable String value) {
    LdapConfig.Users names = config.users();
    String text = value == null ? names.enabledDefault() : value;
    if (names.enabledMask() != 0) {
      boolean marked =
          text.matches("-?\\d{1,9}") && (Integer.parseInt(text) & names.enabledMask()) != 0;
      return !marked;
    }
    return text.equalsIgnoreCase("true") != names.enabledInvert();
  }

  private List<LdapGroup> groups(LDAPConnection connection, Filter which) throws LDAPException {
    LdapConfig.Groups names = config.groups();
    Filter filter = filter(names.objectClass(), names.filter(), which);
    List<LdapGroup> groups = new ArrayList<>();
    for (SearchResultEntry entry : entries(connection, names.base(), filter)) {
      String id = entry.getAttributeValue(names.id());
      String name = entry.getAttributeValue(names.name());
      String description = entry.getAttributeValue(names.description());
      String[] members = entry.getAttributeValues(names.member());
      if (id != null && name != null) {
        groups.add(
            new LdapGroup(
                id,
                name,
                description == null ? "" : description,
                members == null ? List.of() : List.of(members)));
      }
    }
    return groups;
  }

  private static Filter filter(String objectClass, String configured, Filter which)
      throws LDAPException {
    List<Filter> parts = new ArrayList<>();
    parts.add(Filter.createEqualityFilter("objectClass", objectClass));
    parts.add(which);
    if (!configured.isEmpty()) {
      parts.add(Filter.create(configured));
    }
    return Filter.createANDFilter(parts);
  }

  private List<SearchResultEntry> entries(LDAPConnection connection, String base, Filter filter)
      throws LDAPException {
    SearchRequest request = new SearchRequest(base, config.scope(), filter);
    if (config.pageSize() == 0) {
      return connection.search(request).getSearchEntries();
    }
    List<SearchResultEntry> entries = new ArrayList<>();
    ASN1OctetString cookie = null;
    do {
      request.setControls(new SimplePagedResultsControl(config.pageSize(), cookie));
      SearchResult result = connection.search(request);
      entries.addAll(result.getSearchEntries());
      SimplePagedResultsControl page = SimplePagedResultsControl.get(result);
      cookie = page == null || !page.moreResultsToReturn() ? null : page.getCookie();
    } while (cookie != null);
    return entries;
  }
}
