package cloud.lastmile.identity.token;

/**
 * What a token is good for, by id only: names and roles are looked up when it is used.
 *
 * @param id of the project or domain; empty for the other kinds
 */
public record TokenScope(Kind kind, String id) {

  /** The order is part of the token's format. */
  public enum Kind {
    UNSCOPED,
    PROJECT,
    DOMAIN,
    SYSTEM
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
