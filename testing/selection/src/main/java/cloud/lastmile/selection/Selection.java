package cloud.lastmile.selection;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Decides which parts of the tests run whole. It has no effect and reads no clock. */
final class Selection {
  /** Who last passed further back than this runs, whatever has changed since. */
  static final int FAR = 60;

  private final Modules modules;
  private final Suite suite;
  private final Ledger ledger;
  private final History history;
  private final boolean inCi;
  private final Map<String, Optional<Set<String>>> changes = new HashMap<>();

  /**
   * @param inCi whether this machine is to judge what another one has recorded
   */
  Selection(Modules modules, Suite suite, Ledger ledger, History history, boolean inCi) {
    this.modules = modules;
    this.suite = suite;
    this.ledger = ledger;
    this.history = history;
    this.inCi = inCi;
  }

  /**
   * @param all whether each part is wanted
   * @param budget how many seconds it may take, by what it took last; the parts that find no room
   *     are left to later runs, which begin with them or at another place of the list
   */
  Plan plan(boolean all, int budget) {
    SequencedMap<Part, String> wanted = new TreeMap<>();
    for (Part part : suite.parts()) {
      if (all) {
        wanted.put(part, "asked for");
      } else {
        reason(part).ifPresent(reason -> wanted.put(part, reason));
      }
    }
    if (!all && onlyDocs()) {
      return new Plan(
          new TreeMap<>(Map.of(new Part("shell", ""), "only documents differ")), Set.of());
    }
    Set<Part> within = new TreeSet<>();
    Set<Part> left = new TreeSet<>();
    Cost cost = new Cost(ledger);
    for (Part part : byUrgency(wanted.keySet())) {
      within.add(part);
      if (cost.seconds(within) > budget && within.size() > 1 && !isAlways(part)) {
        within.remove(part);
        left.add(part);
      }
    }
    SequencedMap<Part, String> whole = new TreeMap<>(wanted);
    whole.keySet().retainAll(within);
    return new Plan(whole, left);
  }

  private static boolean isAlways(Part part) {
    return Suite.ALWAYS.contains(part.check());
  }

  /** Why a part has to run whole, if it has to. */
  private Optional<String> reason(Part part) {
    if (isAlways(part)) {
      return Optional.of("always");
    }
    Optional<Ledger.Passed> passed = ledger.of(part);
    if (passed.isEmpty()) {
      return Optional.of("never passed, as far as is known");
    }
    String commit = passed.get().commit();
    OptionalInt distance = history.commitsSince(commit);
    Optional<Set<String>> files = changedSince(commit);
    if (distance.isEmpty() || files.isEmpty()) {
      return Optional.of("passed at " + brief(commit) + ", which is not in the history");
    }
    if (distance.getAsInt() > FAR) {
      return Optional.of("passed more than " + FAR + " commits ago, at " + brief(commit));
    }
    Touched touched = Touched.by(files.get(), modules);
    return touched.affects(part, modules)
        ? Optional.of("depends on what differs since " + brief(commit))
        : Optional.empty();
  }

  private Optional<Set<String>> changedSince(String commit) {
    return changes.computeIfAbsent(commit, history::changedSince);
  }

  static String brief(String commit) {
    return commit.substring(0, Math.min(12, commit.length()));
  }

  /**
   * Only if that is known of every part. A record is one of another machine, which may have what
   * CI's lacks: after it documents do not keep CI from its smoke, for they may come together.
   */
  private boolean onlyDocs() {
    Set<String> files = new TreeSet<>();
    for (Part part : suite.parts()) {
      Optional<Ledger.Passed> passed = ledger.of(part);
      Optional<Set<String>> changed = passed.flatMap(record -> changedSince(record.commit()));
      if (changed.isEmpty() || history.commitsSince(passed.get().commit()).orElse(FAR + 1) > FAR) {
        return false;
      }
      files.addAll(changed.get());
    }
    if (!inCi) {
      files.removeAll(Touched.LEDGERS);
    }
    return Touched.by(files, modules).onlyDocs();
  }

  /**
   * First what always runs and whose own files differ, then what passed longest ago; those of the
   * same commit begin at another place with every commit, so that runs that leave no record, as
   * CI's, come round as well.
   */
  private List<Part> byUrgency(Set<Part> wanted) {
    List<Part> turned = new ArrayList<>(wanted);
    java.util.Collections.rotate(turned, -(history.commits() % Math.max(1, turned.size())));
    turned.sort(
        Comparator.comparing((Part part) -> !isAlways(part))
            .thenComparing(part -> !ownFilesDiffer(part))
            .thenComparingInt(part -> -age(part)));
    return turned;
  }

  private int age(Part part) {
    return ledger
        .of(part)
        .map(passed -> history.commitsSince(passed.commit()).orElse(Integer.MAX_VALUE))
        .orElse(Integer.MAX_VALUE);
  }

  private boolean ownFilesDiffer(Part part) {
    return ledger
        .of(part)
        .flatMap(passed -> changedSince(passed.commit()))
        .map(files -> Touched.by(files, modules).modules())
        .filter(touched -> touched.contains(part.of()) || touched.contains("services/" + part.of()))
        .isPresent();
  }
}
