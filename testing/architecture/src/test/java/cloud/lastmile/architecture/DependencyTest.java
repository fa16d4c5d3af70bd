package cloud.lastmile.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

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
  private static final List<String> SERVICES =
      List.of("identity", "image", "placement", "network", "compute");

  @Test
  void thePlatformKnowsNoService() {
    noClasses()
        .that()
        .resideInAPackage("cloud.lastmile.platform..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "cloud.lastmile.identity..",
            "cloud.lastmile.image..",
            "cloud.lastmile.placement..",
            "cloud.lastmile.network..",
            "cloud.lastmile.compute..",
            "cloud.lastmile.agent..",
            "cloud.lastmile.ovn..",
            "cloud.lastmile.qemu..",
            "cloud.lastmile.app..")
        .check(ALL);
  }

  @Test
  void servicesSeeOfEachOtherOnlyTheirApi() {
    for (String service : SERVICES) {
      for (String other : SERVICES) {
        if (!service.equals(other)) {
          noClasses()
              .that()
              .resideInAPackage("cloud.lastmile." + service + "..")
              .should()
              .dependOnClassesThat(
                  com.tngtech.archunit.base.DescribedPredicate.describe(
                      "are inside " + other,
                      type ->
                          type.getPackageName().startsWith("cloud.lastmile." + other)
                              && !type.getPackageName().equals("cloud.lastmile." + other + ".api")))
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
    classes()
        .that()
        .areAssignableTo(RuntimeException.class)
        .and()
        .resideInAnyPackage("cloud.lastmile.identity..", "cloud.lastmile.compute..")
        .should()
        .notBePublic()
        .allowEmptyShould(true)
        .check(ALL);
  }
}
