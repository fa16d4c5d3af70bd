package cloud.lastmile.compute.common;

import cloud.lastmile.platform.http.ApiRequest;

/** Limits of lists. */
public final class Paging {
  /** Nova's {@code [api] max_limit}. */
  public static final int MAX_LIMIT = 1000;

  private Paging() {}

  /** Whether a page of this size ends with a link to the next, as the reference decides it. */
  public static boolean isFull(ApiRequest request, int size) {
    int limit =
        request
            .query("limit")
            .filter(text -> text.matches("\\d{1,9}"))
            .map(text -> Math.min(Integer.parseInt(text), MAX_LIMIT))
            .orElse(MAX_LIMIT);
    return size > 0 && size == limit;
  }
}
