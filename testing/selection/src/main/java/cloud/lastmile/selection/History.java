package cloud.lastmile.selection;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** What git knows. */
interface History {

  /**
   * The files in which the working tree differs from a commit, new ones and removed ones too. Empty
   * if it is no ancestor of what is checked out, or not known: a shallow clone, a rebased branch.
   */
  Optional<Set<String>> changedSince(String commit);

  /** How many commits were made since; empty as above. */
  OptionalInt commitsSince(String commit);

  /** How many commits there are, as far as is known. */
  int commits();
}
