package cloud.lastmile.identity.ldap;

import com.unboundid.asn1.ASN1OctetString;
import com.unboundid.ldap.sdk.Attribute;
import com.unboundid.ldap.sdk.Filter;
import com.unboundid.ldap.sdk.LDAPConnection;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.ResultCode;
import com.unboundid.ldap.sdk.SearchRequest;
import com.unboundid.ldap.sdk.SearchResult;
import com.unboundid.ldap.sdk.SearchResultEntry;
import com.unboundid.ldap.sdk.SearchScope;
import com.unboundid.ldap.sdk.controls.SimplePagedResultsControl;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Questions on one connection; an answer is whole, or there is none. */
final class LdapSearch {
  private final LdapConfig config;
  private final LDAPConnection connection;

  LdapSearch(LdapConfig config, LDAPConnection connection) {
    this.config = config;
    this.connection = connection;
  }

  /**
   * Entries of a class below a place.
   *
   * @param option that names the place
   * @param configured a filter of the configuration; empty for none
   */
  List<SearchResultEntry> entries(
      String base, String option, String objectClass, String configured, Filter which)
      throws LDAPException {
    List<Filter> parts = new ArrayList<>();
    parts.add(Filter.createEqualityFilter("objectClass", objectClass));
    parts.add(which);
    if (!configured.isEmpty()) {
      parts.add(configured(option, configured));
    }
    try {
      return entries(base, Filter.createANDFilter(parts));
    } catch (LDAPException failure) {
      throw LdapProblem.searching(base, option, failure);
    }
  }

  private static Filter configured(String option, String text) throws LdapProblem {
    String name = option.replace("tree_dn", "filter");
    try {
      return Filter.create(text);
    } catch (LDAPException malformed) {
      throw new LdapProblem(
          ResultCode.FILTER_ERROR,
          name + " of the domain's configuration is not a filter.",
          String.valueOf(malformed.getMessage()),
          malformed);
    }
  }

  private List<SearchResultEntry> entries(String base, Filter filter) throws LDAPException {
    SearchRequest request = new SearchRequest(base, config.scope(), filter);
    request.setDerefPolicy(config.dereferencing());
    if (config.pageSize() == 0) {
      return connection.search(request).getSearchEntries();
    }
    List<SearchResultEntry> entries = new ArrayList<>();
    ASN1OctetString cookie = null;
    do {
      request.setControls(new SimplePagedResultsControl(config.pageSize(), cookie, true));
      SearchResult result = connection.search(request);
      entries.addAll(result.getSearchEntries());
      SimplePagedResultsControl page = SimplePagedResultsControl.get(result);
      cookie = page == null || !page.moreResultsToReturn() ? null : page.getCookie();
    } while (cookie != null);
    return entries;
  }

  /** An entry by its name; empty if there is none. */
  Optional<SearchResultEntry> entry(String dn, String option) throws LDAPException {
    try {
      Filter any = Filter.createPresenceFilter("objectClass");
      return Optional.ofNullable(connection.searchForEntry(dn, SearchScope.BASE, any));
    } catch (LDAPException failure) {
      if (failure.getResultCode().equals(ResultCode.NO_SUCH_OBJECT)) {
        return Optional.empty();
      }
      throw LdapProblem.searching(dn, option, failure);
    }
  }

  /**
   * All values of an attribute. Active Directory gives no more than 1,500 at a time, as {@code
   * member;range=0-1499}, and the attribute itself without a value.
   */
  List<String> values(SearchResultEntry entry, String attribute) throws LDAPException {
    List<String> values = new ArrayList<>();
    String[] plain = entry.getAttributeValues(attribute);
    if (plain != null) {
      values.addAll(List.of(plain));
    }
    Optional<Attribute> part = part(entry, attribute);
    while (part.isPresent()) {
      values.addAll(List.of(part.get().getValues()));
      if (part.get().getName().endsWith("-*") || part.get().getValues().length == 0) {
        return values;
      }
      String next = attribute + ";range=" + values.size() + "-*";
      try {
        SearchResultEntry more = connection.getEntry(entry.getDN(), next);
        part = more == null ? Optional.empty() : part(more, attribute);
      } catch (LDAPException failure) {
        throw LdapProblem.answering(next + " of " + entry.getDN(), failure);
      }
    }
    return values;
  }

  private static Optional<Attribute> part(SearchResultEntry entry, String attribute) {
    String start = attribute.toLowerCase(Locale.ROOT) + ";range=";
    return entry.getAttributes().stream()
        .filter(one -> one.getName().toLowerCase(Locale.ROOT).startsWith(start))
        .findFirst();
  }
}
