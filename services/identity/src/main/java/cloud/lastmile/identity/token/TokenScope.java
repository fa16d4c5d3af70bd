package cloud.lastmile.identity.token;

/**
 * What a token is good for, by id only: names and roles are looked up when it is used.
 *
 * @param id of the project or domain; empty for the other kinds
 */
public record TokenScope(Kind kind, String id) {

  /** Scopes as the token's format numbers them; the numbers never change. */
  public enum Kind {
    UNSCOPED(0),
    PROJECT(1),
    DOMAIN(2),
    SYSTEM(3);

    private final int code;

    Kind(int code) {
      this.code = code;
    }

    int code() {
      return code;
    }

    static Kind of(int code) {
      for (Kind kind : values()) {
        if (kind.code == code) {
          return kind;
        }
      }
      throw new IllegalArgumentException("no kind of scope: " + code);
    }
  }

  public static final TokenScope UNSCOPED = new TokenScope(Kind.UNSCOPED, "");
  public static final TokenScope SYSTEM = new TokenScope(Kind.SYSTEM, "");

  public static TokenScope project(String id) {
    return new TokenScope(Kind.PROJECT, id);
  }

  public static TokenScope domain(String id) {
    return new TokenScope(Kind.DOMAIN, id);
  }
}
