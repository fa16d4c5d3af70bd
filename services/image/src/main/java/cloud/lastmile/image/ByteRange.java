package cloud.lastmile.image;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.ApiException.Kind;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The part of an image that a client wants: RFC 9110 section 14, one range only.
 *
 * @param first first byte
 * @param last last byte, at least {@code first}
 */
record ByteRange(long first, long last) {
  private static final Pattern FORM =
      Pattern.compile("bytes\\s*=\\s*(\\d{0,18})\\s*-\\s*(\\d{0,18})\\s*");

  /**
   * @param header the value of {@code Range}
   * @throws ApiException range not satisfiable, if it is none or beyond the end
   */
  static Optional<ByteRange> parse(Optional<String> header, long size) {
    if (header.isEmpty()) {
      return Optional.empty();
    }
    Matcher matcher = FORM.matcher(header.get().strip());
    if (!matcher.matches() || (matcher.group(1).isEmpty() && matcher.group(2).isEmpty())) {
      throw unsatisfiable("Invalid Range header.");
    }
    boolean isSuffix = matcher.group(1).isEmpty();
    long first =
        isSuffix
            ? Math.max(0, size - Long.parseLong(matcher.group(2)))
            : Long.parseLong(matcher.group(1));
    long last =
        isSuffix || matcher.group(2).isEmpty()
            ? size - 1
            : Math.min(size - 1, Long.parseLong(matcher.group(2)));
    if (first > last) {
      throw unsatisfiable("The byte range is outside of the image's " + size + " bytes.");
    }
    return Optional.of(new ByteRange(first, last));
  }

  private static ApiException unsatisfiable(String message) {
    return ApiException.of(Kind.RANGE_NOT_SATISFIABLE, message);
  }

  long length() {
    return last - first + 1;
  }
}
