package cloud.lastmile.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Dependencies point one way: app → services and drivers → platform. */
class DependencyTest {
  private static final JavaClasses ALL =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("cloud.lastmile");
  private static final List<String> SERVICES = Modules.services();

  /** Whether a type is of a package or of those below it. */
  static boolean isWithin(JavaClass type, String root) {
    return type.getPackageName().equals(root) || type.getPackageName().startsWith(root + ".");
  }

  private static DescribedPredicate<JavaClass> within(String root) {
    return describe("are in " + root, type -> isWithin(type, root));
  }

  @Test
  void thePlatformKnowsNothingAboveIt() {
    noClasses()
        .that(within("cloud.lastmile.platform"))
        .should()
        .dependOnClassesThat(
            describe(
                "are of another module",
                type ->
                    isWithin(type, "cloud.lastmile") && !isWithin(type, "cloud.lastmile.platform")))
        .check(ALL);
  }

  @Test
  void servicesSeeOfEachOtherOnlyTheirApi() {
    for (String service : SERVICES) {
      for (String other : SERVICES) {
        if (!service.equals(other)) {
          String root = Modules.packageOf(other);
          noClasses()
              .that(within(Modules.packageOf(service)))
              .should()
              .dependOnClassesThat(
                  describe(
                      "are inside " + other,
                      type -> isWithin(type, root) && !type.getPackageName().equals(root + ".api")))
              .check(ALL);
        }
      }
    }
  }

  @Test
  void nobodyDependsOnTheApp() {
    noClasses()
        .that()
        .resideOutsideOfPackage("cloud.lastmile.app..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("cloud.lastmile.app..")
        .check(ALL);
  }

  @Test
  void modulesHaveNoCycles() {
    slices().matching("cloud.lastmile.(*)..").should().beFreeOfCycles().check(ALL);
  }

  /** Not even for what guests ask for their metadata, which is no API with tokens and policies. */
  @Test
  void theDomainKnowsNoWebServer() {
    noClasses()
        .that()
        .resideOutsideOfPackage("cloud.lastmile.platform.http..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.eclipse.jetty..")
        .check(ALL);
  }

  @Test
  void thereIsNoStaticMutableState() {
    fields().that().areStatic().should().beFinal().check(ALL);
  }

  @Test
  void failuresOfServicesAreApiExceptions() {
    for (String service : SERVICES) {
      classes()
          .that(within(Modules.packageOf(service)))
          .and()
          .areAssignableTo(RuntimeException.class)
          .should()
          .notBePublic()
          .allowEmptyShould(true)
          .check(ALL);
    }
  }
}
