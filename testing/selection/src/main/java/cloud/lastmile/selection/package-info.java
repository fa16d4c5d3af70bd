/**
 * What a run of the tests runs whole, and what it only smokes; and what it says afterwards.
 *
 * <p>The tests are made of {@link Part}s. Of each the ledger {@code testing/passed.txt} keeps at
 * which commit it last passed whole. A {@link Selection} compares that commit with the working
 * tree: if files differ that the part depends on ({@link Touched}, by the graph of {@link
 * Modules}), or if nothing is known or too long ago, the part runs whole; otherwise its smoke does.
 * Whatever is not understood means everything.
 *
 * <p>It runs from its sources ({@code java Main.java}), before anything is built, so it uses
 * nothing but the JDK. See {@code docs/decisions/0063-what-a-run-tests.md}.
 */
@org.jspecify.annotations.NullMarked
package cloud.lastmile.selection;
