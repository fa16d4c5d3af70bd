/** Resource providers, which of them a query means, and what marks them: traits and aggregates. */
package cloud.lastmile.placement.provider;
