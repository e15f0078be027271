"""The natural British voices that prompts can be spoken with; optional, and never loaded by the line."""

import shutil

from wingline.setup.alone import alone_in
from wingline.setup.archive import unpack
from wingline.setup.download import download, npm
from wingline.setup.failure import SetupFailed, SourceFailed
from wingline.setup.paths import Places
from wingline.setup.steps import step

_URL = npm("n8n-nodes-ttsbro", "0.1.6")
_FOLDER = "package/kokoro-int8-en-v0_19"
_CHECKSUM = "e99ed5ff74e1f7f52e19b3d12104ee7cf9dc94a1065eb02c5a3e2046a8abd631"


def get_voice(places: Places) -> None:
    """Kokoro (Apache-2.0), for `pip install -e .[voice]` to speak with."""
    if places.voice.is_dir():
        return
    archive = places.cache / _URL.rpartition("/")[2]
    fresh = places.voice.with_suffix(".unpacking")
    try:
        with step("voices: Kokoro, 103 MB") as now:
            with alone_in(places.cache):
                download(_URL, archive, now, checksum=_CHECKSUM)
            shutil.rmtree(fresh, ignore_errors=True)
            unpack(archive, _FOLDER, fresh)
            fresh.rename(places.voice)
    except SourceFailed as failure:
        raise SetupFailed(
            str(failure), remedy="check the network and start again; nothing else needs it: the prompts are shipped."
        ) from failure
