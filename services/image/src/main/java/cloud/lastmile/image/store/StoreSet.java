package cloud.lastmile.image.store;

import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The stores of this cloud as the operator named them; the first is the default. */
public final class StoreSet {

  /**
   * A store by its name.
   *
   * @param name as users and the API know it
   * @param type {@code file} or {@code s3}
   */
  public record Named(String name, String type, String description, DataStore store) {}

  private final List<Named> stores;

  /**
   * @throws IllegalArgumentException if there is none, or two of one name
   */
  public StoreSet(List<Named> stores) {
    if (stores.isEmpty() || stores.stream().map(Named::name).distinct().count() < stores.size()) {
      throw new IllegalArgumentException("image: stores need names, each once");
    }
    this.stores = List.copyOf(stores);
  }

  public List<Named> all() {
    return stores;
  }

  public Named first() {
    return stores.getFirst();
  }

  public Optional<Named> named(String name) {
    return stores.stream().filter(named -> named.name().equals(name)).findFirst();
  }

  public Optional<Named> of(UUID store) {
    return stores.stream().filter(named -> named.store().id().equals(store)).findFirst();
  }
}
