package cloud.lastmile.qemu;

/** The contract of all hosts, with real guests. */
class QemuHostContractTest extends QemuHostFixture {}
