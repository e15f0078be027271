"""What is said to whoever asks what cannot be done: a page for people, ``{"error": …}`` for the API.

Never a bare line of a framework's, and never what was typed: it may be about somebody.
"""

from collections.abc import Mapping

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse, RedirectResponse, Response
from sqlalchemy.exc import DataError, SQLAlchemyError
from starlette.exceptions import HTTPException

from console.api import PREFIX, Refused, error, refuse_api
from console.desk import NotOurForm, NotSignedIn
from console.headers import NOT_KEPT, safe_headers
from console.language import _, in_words, marked
from console.refused_page import refused_page
from console.texts import NotText
from models.errors import AskersFault

_log = structlog.get_logger()

# Forms that lead to signing in, or that change how: what was written in them is not shown again.
_BEFORE_SIGNING_IN = ("/sign-in", "/account")
_SIGNED_OUT = marked(
    "You are not signed in any more. Nothing was recorded. If what you had written stands below, copy it; then sign "
    "in, and send it again."
)
_TOO_OLD = marked("This form is too old or was not ours. Nothing was recorded. Open the board and try again.")
# For systems, and for people; what else an address refuses is a body that it cannot read.
_SAID = {
    404: (
        "there is no such address",
        marked("It may have been moved, or the address is not complete. Begin at your first page."),
    ),
    405: (
        "this address does not take that method",
        marked("This address cannot be used in that way. Nothing was recorded. Begin at your first page."),
    ),
}
_NOT_READ = (
    "the body could not be read",
    marked("What was sent could not be read. Nothing was recorded. Go back, and send the form again."),
)
_NOT_AS_WRITTEN = marked(
    "Something in the address or the form is not as the page writes it (%(what)s). Nothing was recorded. Go back and "
    "try again."
)
_NOT_KEPT = marked(
    "Something that was sent is too long or too large to be kept, or has a sign that no keyboard writes. Nothing was "
    "recorded. Go back, write it anew, and send it again."
)
_OUR_FAULT = marked(
    "Wingline has made a mistake. Nothing of this page was recorded. Go back and try again; what cannot wait, do by "
    "phone. If it happens again, tell whoever looks after Wingline when it was and on which page."
)
_NO_DATABASE = marked(
    "Wingline cannot use its database just now. Nothing was recorded. Try again in a minute; what cannot wait, do by "
    "phone. If it stays so, tell whoever looks after Wingline."
)


def add_to(app: FastAPI) -> None:
    app.add_exception_handler(NotSignedIn, ask_to_sign_in)
    app.add_exception_handler(NotOurForm, _form_not_ours)
    app.add_exception_handler(NotText, _not_kept)
    app.add_exception_handler(DataError, _not_kept)
    app.add_exception_handler(AskersFault, _askers_fault)
    app.add_exception_handler(Refused, _system_refused)
    app.add_exception_handler(RequestValidationError, _not_as_described)
    app.add_exception_handler(HTTPException, _not_there)
    app.add_exception_handler(SQLAlchemyError, _no_database)
    app.add_exception_handler(Exception, _our_fault)


async def refusal(
    request: Request, status: int, said: str, headers: Mapping[str, str] | None = None, *, keep: bool = False
) -> Response:
    """``keep``: what was written in the form stands on the page, so that it is not lost."""
    _log_refused(request, status)
    if _is_api(request):
        return error(status, said[0].lower() + said[1:].removesuffix("."), headers)
    return await refused_page(request, status, said, headers, keep=keep)


def _log_refused(request: Request, status: int) -> None:
    """By the address as it is written here: what somebody put into it, or into a form, is not for a log."""
    route = getattr(request.scope.get("route"), "path", None)
    _log.info("console.refused", status=status, method=request.method, route=route)


def _system_refused(request: Request, fault: Exception) -> Response:
    answer = refuse_api(request, fault)
    _log_refused(request, answer.status_code)
    return answer


async def ask_to_sign_in(request: Request, _fault: Exception) -> Response:
    # A live stream must not be led to a page: it ends, and the board goes to sign in by itself.
    if request.url.path.startswith("/live"):
        return PlainTextResponse("sign in first", status_code=401)
    # Who was led to another page would lose what they had written, and may believe that it was recorded.
    if request.method == "POST" and not request.url.path.startswith(_BEFORE_SIGNING_IN):
        return await refusal(request, 401, _(_SIGNED_OUT), keep=True)
    return RedirectResponse("/sign-in", status_code=303)


async def _form_not_ours(request: Request, _fault: Exception) -> Response:
    _log.warning("console.form_not_ours")
    return await refusal(request, 403, _(_TOO_OLD), keep=True)


async def _not_kept(request: Request, _fault: Exception) -> Response:
    """Not in the log: the fault's own text holds what was sent."""
    return await refusal(request, 422, _(_NOT_KEPT), keep=True)


async def _askers_fault(request: Request, fault: Exception) -> Response:
    said = in_words(fault.said) if isinstance(fault, AskersFault) else str(fault)
    return await refusal(request, 403, f"{said}.", keep=True)


async def _not_as_described(request: Request, fault: Exception) -> Response:
    if not isinstance(fault, RequestValidationError):
        raise fault
    wrong = "; ".join(f"{one['loc'][-1]}: {_in_words(one)}" for one in fault.errors())
    if _is_api(request):
        _log_refused(request, 422)
        return error(422, wrong)
    return await refusal(request, 422, _(_NOT_AS_WRITTEN, what=wrong))


def _in_words(one: Mapping[str, str]) -> str:
    """Pydantic's own words end with how it failed, which may repeat what was sent."""
    return one["msg"].partition(",")[0].replace("Input should be", "write").replace("Field required", "write it")


async def _not_there(request: Request, fault: Exception) -> Response:
    if not isinstance(fault, HTTPException):
        raise fault
    for_api, for_people = _SAID.get(fault.status_code, _NOT_READ)
    said = for_api if _is_api(request) else _(for_people)
    return await refusal(request, fault.status_code, said, fault.headers)


async def _no_database(request: Request, fault: Exception) -> Response:
    # Its own text may hold a row; the kind is enough.
    _log.error("console.database_failed", kind=type(fault).__name__)
    return await refusal(request, 503, _(_NO_DATABASE), keep=True)


async def _our_fault(request: Request, _fault: Exception) -> Response:
    """What nobody foresaw; the server logs it. It goes out beside everything else, and takes the headers along."""
    return await refusal(request, 500, _(_OUR_FAULT), {**safe_headers(request), **NOT_KEPT})


def _is_api(request: Request) -> bool:
    return request.url.path.startswith(f"{PREFIX}/")
