"""`make cluster-test` (ARGS=--json): what came of it; exit code 1 when a promise was broken."""

import asyncio
import json
import os
import sys

from models.errors import WinglineError
from wingline.bench.cli import flat
from wingline.bench.cluster.story import story
from wingline.logs import set_up_logs


def main() -> int:
    os.environ.setdefault("WINGLINE_LOG_LEVEL", "ERROR")
    set_up_logs()
    try:
        found = asyncio.run(story())
    except WinglineError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if "--json" in sys.argv[1:]:
        sys.stdout.write(json.dumps(found) + "\n")
    else:
        for name, value in flat(found):
            sys.stdout.write(f"{name:48}{value}\n")
    return 1 if found["violations"] else 0


if __name__ == "__main__":
    sys.exit(main())
