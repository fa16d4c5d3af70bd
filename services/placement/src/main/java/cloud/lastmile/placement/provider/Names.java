package cloud.lastmile.placement.provider;

import cloud.lastmile.platform.core.ApiException;
import java.util.Collection;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/** Checks that what requests name exists. */
public final class Names {
  private Names() {}

  /** That every resource class and trait of a query exists. */
  public static void requireKnown(Handle handle, ProviderQuery query) {
    Set<String> classes = NameStore.CLASSES.missing(handle, query.resources().keySet());
    if (!classes.isEmpty()) {
      throw ApiException.badRequest(
          "Invalid resource class in resources parameter: " + noClass(classes.iterator().next()));
    }
    requireTraits(handle, query.traits());
  }

  public static void requireTraits(Handle handle, Collection<String> names) {
    Set<String> traits = NameStore.TRAITS.missing(handle, names);
    if (!traits.isEmpty()) {
      throw ApiException.badRequest("No such trait(s): " + String.join(", ", traits) + ".");
    }
  }

  public static String noClass(String name) {
    return "No such resource class " + name + ".";
  }
}
