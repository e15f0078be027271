"""Who may open these pages, and which Listener a page is about."""

from typing import Annotated

from fastapi import Depends, Request

from console.desk import AtDesk, needs
from console.listeners.addresses import Addresses
from console.rendering import Reader
from console.roles import Ability
from models.words import ListenerId

AListenersReader = Annotated[Reader, Depends(needs(Ability.SEE_LISTENERS))]
AWelfareReader = Annotated[Reader, Depends(needs(Ability.SEE_WELFARE))]


def addresses_of(request: Request) -> Addresses:
    addresses: Addresses = request.app.state.addresses
    return addresses


AtAddresses = Annotated[Addresses, Depends(addresses_of)]


async def listener_at(address: str, desk: AtDesk, addresses: AtAddresses, _reader: AWelfareReader) -> ListenerId:
    return await desk.database.run(lambda session: addresses.who(session, desk.site, address))


AListener = Annotated[ListenerId, Depends(listener_at)]
