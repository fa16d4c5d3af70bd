package cloud.lastmile.identity.ldap;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LdapNamesTest {
  private static final String ANN = "cn=Ann B. Smith+uid=ann,ou=Users\\, old,dc=example,dc=org";

  @ParameterizedTest
  @ValueSource(
      strings = {
        ANN,
        "CN=ann b. smith+UID=ANN,OU=users\\, OLD,DC=Example,DC=ORG",
        "cn = Ann B. Smith + uid = ann , ou = Users\\, old , dc = example , dc = org",
        "uid=ann+cn=Ann B. Smith,ou=Users\\, old,dc=example,dc=org",
        "cn=Ann B. Smith+uid=\\61\\6e\\6E,ou=Users\\2c old,dc=example,dc=org",
        "cn=Ann  B.   Smith+uid=ann,ou=Users\\, old,dc=example,dc=org",
        "2.5.4.3=Ann B. Smith+0.9.2342.19200300.100.1.1=ann,ou=Users\\, old,dc=example,dc=org",
        "commonName=Ann B. Smith+userid=ann,ou=Users\\, old,dc=example,dc=org",
        "cn=Ann B. Smith+uid=#0403616e6e,ou=Users\\, old,dc=example,dc=org",
        "cn=\"Ann B. Smith\"+uid=ann,ou=\"Users, old\",dc=example,dc=org"
      })
  void spellingsOfOneNameAreOne(String spelling) {
    assertThat(LdapNames.normal(spelling)).isEqualTo(LdapNames.normal(ANN));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cn=Ann B. Smith,ou=Users\\, old,dc=example,dc=org",
        "uid=ann,ou=Users\\, old,dc=example,dc=org",
        "cn=Ann B. Smith+uid=ann,ou=Users,ou=old,dc=example,dc=org",
        "cn=Ann B. Smith+uid=ann,ou=Users\\, old,dc=example",
        "cn=AnnB. Smith+uid=ann,ou=Users\\, old,dc=example,dc=org",
        "cn=Ann B. Smith+uid=ann,ou=Users\\, old,dc=org,dc=example",
        "no name at all",
        ""
      })
  void otherNamesAreOthers(String other) {
    assertThat(LdapNames.normal(other)).isNotEqualTo(LdapNames.normal(ANN));
  }
}
