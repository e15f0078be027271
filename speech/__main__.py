"""`python -m speech`: one process that hears calls."""

import argparse
import asyncio
import os
import signal
import sys
from pathlib import Path

from models.errors import WinglineError
from speech import recogniser, secrecy
from speech.server import SpeechServer

MODEL_VARIABLE = "WINGLINE_VOSK_MODEL"


def main() -> int:
    asked = _arguments()
    secrecy.seal()
    try:
        hears = recogniser.load(asked.model)
    except WinglineError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    asyncio.run(_serve(SpeechServer(hears, recogniser.voice_detector), asked.port))
    return 0


async def _serve(speech: SpeechServer, port: int) -> None:
    loop = asyncio.get_running_loop()
    secrecy.guard(loop)
    stopped = asyncio.Event()
    for signal_ in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_, stopped.set)
    async with await speech.open(port) as server:
        sys.stdout.write(f"speech listening on 127.0.0.1:{server.sockets[0].getsockname()[1]}\n")
        sys.stdout.flush()
        await stopped.wait()
        await speech.close()


def _arguments() -> argparse.Namespace:
    default = os.environ.get(MODEL_VARIABLE)
    parser = argparse.ArgumentParser(
        prog="python -m speech", description="Hears calls on 127.0.0.1 and reports dangers."
    )
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one; it is printed")
    parser.add_argument(
        "--model", type=Path, default=default, required=default is None, help=f"Vosk model folder [{MODEL_VARIABLE}]"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
