package cloud.lastmile.platform.core;

/** What a token is good for. */
public sealed interface Scope {

  /** A project, with its domain. */
  record Project(String id, String name, String domainId, String domainName) implements Scope {}

  /** A domain as a whole. */
  record Domain(String id, String name) implements Scope {}

  /** The whole cloud. */
  record SystemScope() implements Scope {}

  /** Only who one is. */
  record Unscoped() implements Scope {}
}
