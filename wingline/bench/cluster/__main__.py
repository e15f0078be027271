"""`make cluster-test` (ARGS="--json --only PART"): what came of it; exit code 1 when a promise was broken."""

import argparse
import asyncio
import json
import os
import sys

from models.errors import WinglineError
from wingline.bench.cli import flat
from wingline.bench.cluster.story import ALL_PARTS, story
from wingline.logs import set_up_logs


def main() -> int:
    os.environ.setdefault("WINGLINE_LOG_LEVEL", "ERROR")
    set_up_logs()
    asked = argparse.ArgumentParser(prog="make cluster-test", description=__doc__)
    asked.add_argument("--json", action="store_true")
    asked.add_argument(
        "--only", action="append", default=[], choices=ALL_PARTS, metavar="PART", help=", ".join(ALL_PARTS)
    )
    asked.add_argument("--seed", type=int, default=1, help="of at_random")
    chosen = asked.parse_args()
    try:
        found = asyncio.run(story(chosen.only, seed=chosen.seed))
    except WinglineError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if chosen.json:
        sys.stdout.write(json.dumps(found) + "\n")
    else:
        for name, value in flat(found):
            sys.stdout.write(f"{name:48}{value}\n")
    return 1 if found["violations"] else 0


if __name__ == "__main__":
    sys.exit(main())
