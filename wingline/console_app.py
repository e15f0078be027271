"""The console of this line: its pages, with what each of them needs of the other parts."""

from functools import partial
from typing import TYPE_CHECKING

from fastapi import FastAPI

from console.app import create_app
from wingline.movements_cli import apart_key
from wingline.reloading import reload_site
from wingline.set_up_here import RingOnce, SetUpHere
from wingline.signing_in import signing_in_of

if TYPE_CHECKING:
    from wingline.wiring import Line


def console_app(line: "Line", secret: str) -> FastAPI:
    settings, site, ports = line.settings, line.site, line.ports
    return create_app(
        line.database,
        line=line,
        secret=secret,
        site=site.id,
        scheme=ports.scheme,
        swaps_by_rule=ports.swaps_by_rule,
        apart_key=apart_key(settings),
        rules=signing_in_of(settings, site),
        profiles_here=line.profiles,
        complain_to=[one.reached() for one in site.complaints],
        set_up_here=SetUpHere(
            settings,
            line.database,
            line.profiles,
            reload=partial(reload_site, settings, line.ami),
            phones=RingOnce(line.ami, line.legs, line.recorder),
        ),
    )
