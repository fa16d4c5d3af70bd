package cloud.lastmile.image.data;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.ApiException.Kind;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The part of an image that a client wants: RFC 9110 section 14, one range only, or as older
 * clients ask, in a request's {@code Content-Range}.
 *
 * @param first first byte
 * @param last last byte, at least {@code first}
 */
record ByteRange(long first, long last) {
  private static final Pattern FORM =
      Pattern.compile("bytes\\s*=\\s*(\\d{0,18})\\s*-\\s*(\\d{0,18})\\s*");

  private static final Pattern OLD_FORM =
      Pattern.compile("bytes\\s+(\\d{1,18})-(\\d{1,18})/(?:\\*|\\d{1,18})");

  /**
   * @param header the value of {@code Range}
   * @param contentRange that of {@code Content-Range}, which counts if there is no other
   * @throws ApiException range not satisfiable, if it is none or beyond the end; bad request, if it
   *     is more than one
   */
  static Optional<ByteRange> parse(
      Optional<String> header, Optional<String> contentRange, long size) {
    if (header.isEmpty()) {
      return contentRange.map(text -> old(text, size));
    }
    if (header.get().contains(",")) {
      throw ApiException.badRequest(
          "Several ranges in one request are not supported; ask for one after the other.");
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

  private static ByteRange old(String text, long size) {
    Matcher matcher = OLD_FORM.matcher(text.strip());
    if (!matcher.matches()) {
      throw unsatisfiable("Invalid Content-Range header.");
    }
    long first = Long.parseLong(matcher.group(1));
    long last = Long.parseLong(matcher.group(2));
    if (first > last || last >= size) {
      throw unsatisfiable("The byte range is outside of the image's " + size + " bytes.");
    }
    return new ByteRange(first, last);
  }

  private static ApiException unsatisfiable(String message) {
    return ApiException.of(Kind.RANGE_NOT_SATISFIABLE, message);
  }

  long length() {
    return last - first + 1;
  }
}
