package cloud.lastmile.identity.ldap;

import com.unboundid.ldap.sdk.DN;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.schema.Schema;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Distinguished names, which have many spellings (RFC 4514), in one. */
final class LdapNames {
  /** What the standards say attributes are called and how their values compare. */
  private static final @Nullable Schema STANDARD = standard();

  private LdapNames() {}

  private static @Nullable Schema standard() {
    try {
      return Schema.getDefaultStandardSchema();
    } catch (LDAPException missing) {
      return null;
    }
  }

  /** The same text for names that mean the same entry; what is no name stays, in lower case. */
  static String normal(String name) {
    try {
      return new DN(name, STANDARD).toNormalizedString();
    } catch (LDAPException malformed) {
      return name.strip().toLowerCase(Locale.ROOT);
    }
  }
}
