"""axe-core, which looks for what keeps people out of a page: for the tests of the console, and never shipped."""

from wingline.setup.download import npm
from wingline.setup.package import Package, get_package
from wingline.setup.paths import Places

# MPL-2.0, by Deque.
_AXE = Package(
    title="axe-core, 3 MB",
    url=npm("axe-core", "4.14.1"),
    checksum="e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745",
    folder="package",
    remedy="check the network and start again; only tests need it.",
)


def get_axe(places: Places) -> None:
    get_package(_AXE, places.axe, places)
