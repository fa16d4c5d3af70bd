package cloud.lastmile.identity.ldap;

import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.LDAPSearchException;
import com.unboundid.ldap.sdk.ResultCode;
import java.security.GeneralSecurityException;
import java.util.Locale;
import java.util.Set;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Why a directory gave no answer, in words that say what to do. What it tells of the directory's
 * insides, such as its own words, is for whoever may read the log.
 */
final class LdapProblem extends LDAPException {
  private static final long serialVersionUID = 1L;
  private static final Set<ResultCode> WRONG_PASSWORD =
      Set.of(
          ResultCode.INVALID_CREDENTIALS,
          ResultCode.NO_SUCH_OBJECT,
          ResultCode.INAPPROPRIATE_AUTHENTICATION,
          ResultCode.INSUFFICIENT_ACCESS_RIGHTS,
          ResultCode.CONSTRAINT_VIOLATION,
          ResultCode.UNWILLING_TO_PERFORM);

  private final String told;
  private final String whole;

  LdapProblem(ResultCode code, String told, String detail, @Nullable Throwable cause) {
    super(code, told + " (" + detail + ")", cause);
    this.told = told;
    this.whole = told + " (" + detail + ")";
  }

  /** What anybody may know who tries to log in. */
  String told() {
    return told;
  }

  /** All of it. */
  String whole() {
    return whole;
  }

  /** Whether a user's own bind was refused for what the user said. */
  static boolean isWrongPassword(LDAPException refused) {
    return WRONG_PASSWORD.contains(refused.getResultCode());
  }

  static LdapProblem connecting(String urls, LDAPException failure) {
    if (failure instanceof LdapProblem known) {
      return known;
    }
    String detail = urls + ": " + failure.getMessage();
    for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof GeneralSecurityException || cause instanceof SSLException) {
        return new LdapProblem(failure.getResultCode(), tls(failure), detail, failure);
      }
    }
    // The library hands on some failures of TLS as text alone.
    if (detail.contains("SSL") || detail.contains("certificate")) {
      return new LdapProblem(failure.getResultCode(), tls(failure), detail, failure);
    }
    return new LdapProblem(
        failure.getResultCode(), "The domain's directory does not answer.", detail, failure);
  }

  private static String tls(Throwable failure) {
    StringBuilder words = new StringBuilder();
    for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
      words.append(cause.getMessage()).append('\n');
    }
    String text = words.toString().toLowerCase(Locale.ROOT);
    if (text.contains("no subject alternative") || text.contains("no name matching")) {
      return "The certificate of the domain's directory is for another name than that of its url.";
    }
    if (text.contains("pkix") || text.contains("trust")) {
      return "The certificate of the domain's directory is of no known authority: see"
          + " tls_cacertfile.";
    }
    return "The domain's directory cannot be spoken to by TLS.";
  }

  static LdapProblem binding(String dn, LDAPException refused) {
    String detail = "bind as " + dn + ": " + words(refused);
    ResultCode code = refused.getResultCode();
    if (code.equals(ResultCode.INVALID_CREDENTIALS)
        || code.equals(ResultCode.NO_SUCH_OBJECT)
        || code.equals(ResultCode.INVALID_DN_SYNTAX)) {
      return new LdapProblem(
          code,
          "The domain's directory does not accept the bind password of its configuration, or its"
              + " user.",
          detail,
          refused);
    }
    return code.isConnectionUsable()
        ? new LdapProblem(code, "The domain's directory refuses the bind.", detail, refused)
        : answering(detail, refused);
  }

  /**
   * @param base where was searched
   * @param option that names the place
   */
  static LdapProblem searching(String base, String option, LDAPException failure) {
    if (failure instanceof LdapProblem known) {
      return known;
    }
    ResultCode code = failure.getResultCode();
    String detail = option + " " + base + ": " + words(failure);
    String told =
        switch (code.intValue()) {
          case ResultCode.SIZE_LIMIT_EXCEEDED_INT_VALUE,
              ResultCode.ADMIN_LIMIT_EXCEEDED_INT_VALUE ->
              "The answer exceeds the size limit of the domain's directory: raise it there, or set"
                  + " page_size.";
          case ResultCode.TIME_LIMIT_EXCEEDED_INT_VALUE ->
              "The question exceeds the time limit of the domain's directory.";
          case ResultCode.NO_SUCH_OBJECT_INT_VALUE ->
              "The domain's directory has no such tree as " + option + " names.";
          case ResultCode.INVALID_DN_SYNTAX_INT_VALUE ->
              option + " of the domain's configuration is not a distinguished name.";
          case ResultCode.INSUFFICIENT_ACCESS_RIGHTS_INT_VALUE ->
              "The domain's directory does not let the configured user search in " + option + ".";
          case ResultCode.UNAVAILABLE_CRITICAL_EXTENSION_INT_VALUE ->
              "The domain's directory does not know pages: set page_size to 0.";
          case ResultCode.REFERRAL_INT_VALUE ->
              "The domain's directory refers to another server, which is not followed: name it in"
                  + " url.";
          default -> "";
        };
    return told.isEmpty()
        ? answering(detail, failure)
        : new LdapProblem(code, told, detail, failure);
  }

  /** In the middle of a conversation. */
  static LdapProblem answering(String detail, LDAPException failure) {
    ResultCode code = failure.getResultCode();
    String told =
        code.equals(ResultCode.TIMEOUT)
            ? "The domain's directory does not answer in time."
            : code.equals(ResultCode.BUSY) || code.equals(ResultCode.UNAVAILABLE)
                ? "The domain's directory is busy."
                : code.isConnectionUsable()
                    ? "The domain's directory refuses the question."
                    : "The domain's directory does not answer.";
    return new LdapProblem(code, told, detail, failure);
  }

  private static String words(LDAPException failure) {
    String diagnostic =
        failure instanceof LDAPSearchException search
            ? search.getSearchResult().getDiagnosticMessage()
            : failure.getDiagnosticMessage();
    return failure.getResultCode().getName()
        + (diagnostic == null ? ", " + failure.getMessage() : ", " + diagnostic);
  }

  /** A configuration that cannot be followed. */
  static LdapProblem configured(String what, @Nullable Throwable cause) {
    return new LdapProblem(
        ResultCode.PARAM_ERROR,
        "The configuration of the domain's directory cannot be followed.",
        what,
        cause);
  }
}
