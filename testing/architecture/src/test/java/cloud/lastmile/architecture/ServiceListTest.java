package cloud.lastmile.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.app.Services;
import cloud.lastmile.architecture.forgotten.ForgottenService;
import cloud.lastmile.platform.service.Service;
import cloud.lastmile.platform.service.ServiceProfile;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Every service is in the app's one list, from which its migrations, its place in the catalog, its
 * routes and the tests that go over all routes follow.
 */
class ServiceListTest {
  private static final JavaClasses ALL =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("cloud.lastmile");

  /** What is a service and is not in the list. */
  private static Set<String> forgotten(JavaClasses among) {
    List<String> listed = Services.types().stream().map(Class::getName).toList();
    return among.stream()
        .filter(type -> type.isAssignableTo(Service.class) && !type.isInterface())
        .map(JavaClass::getName)
        .filter(name -> !listed.contains(name))
        .collect(Collectors.toSet());
  }

  @Test
  void noServiceIsForgotten() {
    assertThat(forgotten(ALL)).isEmpty();
  }

  @Test
  void oneThatIsMissingIsFound() {
    JavaClasses withOneMore =
        new ClassFileImporter()
            .importPackages("cloud.lastmile.identity", ForgottenService.class.getPackageName());
    assertThat(forgotten(withOneMore)).containsExactly(ForgottenService.class.getName());
  }

  /** So a module that has no {@code Service}, or that the app does not depend on, is found too. */
  @Test
  void everyModuleOfServicesIsInTheList() {
    assertThat(Services.profiles())
        .extracting(ServiceProfile::name)
        .containsExactlyInAnyOrderElementsOf(Modules.services());
    assertThat(Modules.all())
        .containsAll(Modules.services().stream().map(name -> "services/" + name).toList());
  }

  @Test
  void aServiceIsAtTheRootOfItsModule() {
    assertThat(Services.types())
        .extracting(Class::getPackageName)
        .containsExactlyElementsOf(
            Services.profiles().stream().map(each -> Modules.packageOf(each.name())).toList());
  }
}
