package cloud.lastmile.compute.metadata;

import java.util.Arrays;
import java.util.Optional;

/** Versions of the OpenStack layout; clients ask for the newest one they know. */
enum OpenStackVersion {
  FOLSOM("2012-08-10"),
  GRIZZLY("2013-04-04"),
  HAVANA("2013-10-17"),
  LIBERTY("2015-10-15"),
  NEWTON_ONE("2016-06-30"),
  NEWTON_TWO("2016-10-06"),
  OCATA("2017-02-22"),
  ROCKY("2018-08-27"),
  VICTORIA("2020-10-14");

  static final String LATEST = "latest";

  private final String date;

  OpenStackVersion(String date) {
    this.date = date;
  }

  String date() {
    return date;
  }

  boolean atLeast(OpenStackVersion other) {
    return compareTo(other) >= 0;
  }

  static Optional<OpenStackVersion> of(String text) {
    return text.equals(LATEST)
        ? Optional.of(VICTORIA)
        : Arrays.stream(values()).filter(version -> version.date.equals(text)).findFirst();
  }
}
