package cloud.lastmile.identity.ldap;

import com.unboundid.ldap.sdk.DN;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.RDN;
import com.unboundid.ldap.sdk.schema.Schema;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Distinguished names, which have many spellings (RFC 4514), in one. */
final class LdapNames {
  /** What the standards say attributes are called and how their values compare. */
  private static final @Nullable Schema STANDARD = standard();

  /** The long names of RFC 4514, which the schema does not have. */
  private static final Map<String, String> SHORT =
      Map.ofEntries(
          Map.entry("commonname", "cn"),
          Map.entry("surname", "sn"),
          Map.entry("localityname", "l"),
          Map.entry("stateorprovincename", "st"),
          Map.entry("streetaddress", "street"),
          Map.entry("organizationname", "o"),
          Map.entry("organizationalunitname", "ou"),
          Map.entry("countryname", "c"),
          Map.entry("domaincomponent", "dc"),
          Map.entry("userid", "uid"));

  private LdapNames() {}

  private static @Nullable Schema standard() {
    try {
      return Schema.getDefaultStandardSchema();
    } catch (LDAPException missing) {
      return null;
    }
  }

  private static RDN shortened(RDN part) {
    String[] names = part.getAttributeNames();
    for (int i = 0; i < names.length; i++) {
      names[i] = SHORT.getOrDefault(names[i].toLowerCase(Locale.ROOT), names[i]);
    }
    return new RDN(names, part.getByteArrayAttributeValues(), STANDARD);
  }

  /** The same text for names that mean the same entry; what is no name stays, in lower case. */
  static String normal(String name) {
    try {
      RDN[] parts = new DN(name, STANDARD).getRDNs();
      return new DN(Arrays.stream(parts).map(LdapNames::shortened).toArray(RDN[]::new))
          .toNormalizedString();
    } catch (LDAPException malformed) {
      return name.strip().toLowerCase(Locale.ROOT);
    }
  }
}
