package io.microscale.app;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/// What the layout promises. Without looking into the libraries (`archunit.properties`), which
/// takes most of the time.
@AnalyzeClasses(packages = "io.microscale", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String CORE = "io.microscale.core..";
  private static final String APP = "io.microscale.app..";
  private static final String SERVER = "io.microscale.server..";
  private static final String ORCHESTRATORS = "io.microscale.orchestrators..";
  private static final String SOURCES = "io.microscale.sources..";
  private static final String SIMULATOR = "io.microscale.simulator..";

  /// A rule over nothing holds always; this says that there is something.
  @ArchTest
  static void allPartsAreLookedAt(JavaClasses all) {
    for (var part : List.of(CORE, APP, SERVER, ORCHESTRATORS, SOURCES, SIMULATOR)) {
      assertThat(all).as(part).anyMatch(JavaClass.Predicates.resideInAPackage(part));
    }
  }

  @ArchTest
  static final ArchRule coreTakesTimeFromOutside =
      noClasses()
          .that()
          .resideInAPackage(CORE)
          .should()
          .callMethod(Instant.class, "now")
          .orShould()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(Clock.class, "systemUTC")
          .orShould()
          .callMethod(InstantSource.class, "system")
          .orShould()
          .callMethod(Thread.class, "sleep", long.class)
          .because("time is data: the same core runs live and simulated");

  @ArchTest
  static final ArchRule coreKnowsNobody =
      classes()
          .that()
          .resideInAPackage(CORE)
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(CORE, "java..", "org.jspecify..");

  @ArchTest
  static final ArchRule adaptersDoNotKnowEachOther =
      slices()
          .matching("io.microscale.(orchestrators|sources).(*)..")
          .should()
          .notDependOnEachOther();

  @ArchTest
  static final ArchRule adaptersKnowCoreOnly =
      noClasses()
          .that()
          .resideInAnyPackage(ORCHESTRATORS, SOURCES)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(APP, SERVER, SIMULATOR);

  @ArchTest
  static final ArchRule onlyAppKnowsAdapters =
      noClasses()
          .that()
          .resideInAPackage(SERVER)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(APP, ORCHESTRATORS, SOURCES, SIMULATOR);

  @ArchTest
  static final ArchRule simulatorKnowsCoreOnly =
      classes()
          .that()
          .resideInAPackage(SIMULATOR)
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(CORE, SIMULATOR, "java..", "org.jspecify..");

  @ArchTest
  static final ArchRule simulatedTimeIsData =
      noClasses()
          .that()
          .resideInAnyPackage(
              "io.microscale.simulator.cluster..", "io.microscale.simulator.standard..")
          .should()
          .callMethod(Instant.class, "now")
          .orShould()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .callMethod(System.class, "currentTimeMillis")
          .because("the same seed gives the same run");

  @ArchTest
  static final ArchRule packagesOfCoreAreInLayers =
      slices().assignedFrom(new CorePackages()).should().beFreeOfCycles();

  /// Each package of core by itself, but `model` and `scaling` as one: a service's specification
  /// holds its scaling policy.
  private static final class CorePackages implements SliceAssignment {
    private static final String ROOT = "io.microscale.core.";

    @Override
    public SliceIdentifier getIdentifierOf(JavaClass type) {
      if (!type.getPackageName().startsWith(ROOT)) {
        return SliceIdentifier.ignore();
      }
      var name = type.getPackageName().substring(ROOT.length());
      return SliceIdentifier.of(name.equals("scaling") ? "model" : name);
    }

    @Override
    public String getDescription() {
      return "packages of core";
    }
  }
}
