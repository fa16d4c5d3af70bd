package cloud.lastmile.placement.common;

import java.util.UUID;

/** Why an allocation cannot be made. */
public sealed interface Refusal {

  /** There is not enough left. */
  record CapacityExceeded(UUID provider, String resourceClass) implements Refusal {}

  /** Smaller than min_unit, larger than max_unit or no multiple of step_size. */
  record WrongAmount(UUID provider, String resourceClass) implements Refusal {}

  /** The provider has no inventory of this class. */
  record NoInventory(UUID provider, String resourceClass) implements Refusal {}

  /** There is no such provider. */
  record NoProvider(UUID provider) implements Refusal {}
}
