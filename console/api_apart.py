"""Keep-apart rules by API, in HMPPS's own shape; they come in, and nothing about them goes out."""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from console.api import BODY_REFUSALS, PREFIX, REFUSALS, ErrorSaid, answer, described_as, rows_of, token_for
from console.api_shapes import ApartRow, PairsTaken, wrong
from console.api_tokens import Bearer, Scope
from console.desk import AtDesk
from listeners.apart import COLUMNS, OPTIONAL, pair_reader
from listeners.apart_store import take_pairs
from listeners.json_rows import read_objects
from listeners.movements_store import known_of
from models import audit
from models.clock import now

RECORDED = "keep_apart_recorded"
ForKeepApart = Annotated[Bearer, token_for(Scope.KEEP_APART)]


def keep_apart_router(key: bytes) -> APIRouter:
    """``key`` marks prison numbers, and is that of the files: a pair is found again whichever way it comes."""
    router = APIRouter(prefix=f"{PREFIX}/keep-apart", tags=["keep-apart"], responses=REFUSALS)

    @router.post(
        "",
        openapi_extra=described_as(ApartRow),
        responses=BODY_REFUSALS | {200: {"model": PairsTaken}, 422: {"model": PairsTaken | ErrorSaid}},
    )
    async def record(request: Request, desk: AtDesk, bearer: ForKeepApart, *, whole: bool = False) -> Response:
        """Record one pair or many; `whole` removes the pairs that are not among them."""
        values, at = await rows_of(request), now()

        def take(session: Session) -> PairsTaken:
            reader = pair_reader(known_of(session, desk.site))
            read = read_objects(values, reader, columns=(*COLUMNS, *OPTIONAL))
            found = take_pairs(session, desk.site, read, key=key, whole=whole)
            if found.new or found.changed or found.removed:
                audit.note(session, bearer.who, RECORDED, None, at)
            counts = {"right": found.right, "new": found.new, "changed": found.changed, "removed": found.removed}
            return PairsTaken(**counts, wrong=wrong(found.wrong))

        taken = await desk.database.run(take)
        return answer(taken, all_right=not taken.wrong)

    return router
