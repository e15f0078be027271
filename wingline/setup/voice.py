"""The natural British voices that prompts can be spoken with; optional, and never loaded by the line."""

from wingline.setup.download import npm
from wingline.setup.package import Package, get_package
from wingline.setup.paths import Places

_KOKORO = Package(
    title="voices: Kokoro, 103 MB",
    url=npm("n8n-nodes-ttsbro", "0.1.6"),
    checksum="e99ed5ff74e1f7f52e19b3d12104ee7cf9dc94a1065eb02c5a3e2046a8abd631",
    folder="package/kokoro-int8-en-v0_19",
    remedy="check the network and start again; nothing else needs it: the prompts are shipped.",
)


def get_voice(places: Places) -> None:
    """Kokoro (Apache-2.0), for `pip install -e .[voice]` to speak with."""
    get_package(_KOKORO, places.voice, places)
