"""`python -m speech`: one process that hears calls."""

import argparse
import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import WinglineError
from speech import secrecy
from speech.door import Door, secret_in

if TYPE_CHECKING:
    from speech.listening import Means

MODEL_VARIABLE = "WINGLINE_VOSK_MODEL"
SECOND_VARIABLE = "WINGLINE_MOONSHINE_MODEL"
# One core keeps up with so many callers who speak for half of the time (docs/scale.md); the second pass is left out
# before the first. Who falls behind takes in nobody more, whatever this says (speech/capacity.py).
MOST_CALLS = 32


def main() -> int:
    asked = _arguments()
    secrecy.forget_what_is_freed()
    secrecy.seal()
    # Only now: these load the recognisers' libraries, which take their memory from the allocator set up above.
    from speech import judge, recogniser, voice  # noqa: PLC0415
    from speech.listening import Means  # noqa: PLC0415
    from speech.moonshine import Moonshine  # noqa: PLC0415
    from speech.second import SecondPass  # noqa: PLC0415

    try:
        hears = recogniser.load(asked.model)
        second = SecondPass(Moonshine(asked.second)) if asked.second else None
        means = Means(hears, voice.load(), judge.load(), second)
    except WinglineError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    asyncio.run(_serve(means, asked))
    return 0


async def _serve(means: "Means", asked: argparse.Namespace) -> None:
    from speech import sandbox  # noqa: PLC0415 - see main
    from speech.server import SpeechServer  # noqa: PLC0415

    loop = asyncio.get_running_loop()
    secrecy.guard(loop)
    stopped = asyncio.Event()
    for signal_ in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_, stopped.set)
    speech = SpeechServer(means, Door(asked.port, secret_in(asked.secrets)), most_calls=asked.most_calls)
    async with await speech.open() as server:
        sandbox.hold()
        sys.stdout.write(f"speech listening on 127.0.0.1:{server.sockets[0].getsockname()[1]}\n")
        sys.stdout.flush()
        await stopped.wait()
        await speech.close()


def _arguments() -> argparse.Namespace:
    first, second = os.environ.get(MODEL_VARIABLE), os.environ.get(SECOND_VARIABLE)
    parser = argparse.ArgumentParser(
        prog="python -m speech", description="Hears calls on 127.0.0.1 and reports dangers."
    )
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one; it is printed")
    parser.add_argument("--secrets", type=Path, required=True, help="the file with the secret that opens it")
    parser.add_argument(
        "--model", type=Path, default=first, required=first is None, help=f"Vosk model folder [{MODEL_VARIABLE}]"
    )
    parser.add_argument(
        "--second", type=Path, default=second, help=f"Moonshine model folder; without it one pass [{SECOND_VARIABLE}]"
    )
    parser.add_argument("--most-calls", type=int, default=MOST_CALLS, help="how many are heard at once")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
