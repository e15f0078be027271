"""What every page of set-up needs: the technician, and what can be done to this installation."""

from typing import Annotated

from fastapi import Depends, Request

from console.desk import needs
from console.rendering import Reader
from console.roles import Ability
from console.set_up.ports import SetUpHere


def set_up_here(request: Request) -> SetUpHere:
    here: SetUpHere = request.app.state.set_up
    return here


AtSetUp = Annotated[SetUpHere, Depends(set_up_here)]
ATechnician = Annotated[Reader, Depends(needs(Ability.SET_UP))]
