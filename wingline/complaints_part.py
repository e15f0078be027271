"""How those are reached whom one can complain to, as the site file says it (domain.md C7)."""

from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from console.complaints import CALLED, REQUIRED, Body, Reached

# One line of print, as it stands on the page that people take with them.
Printed = Annotated[str, Field(max_length=200, pattern=r"^[^\r\n]*$")]


class ComplaintPart(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    to: Body
    name: Annotated[str, Field(min_length=3, max_length=100, pattern=r"^[^\r\n]*$")]
    address: Printed = ""
    phone: Annotated[str, Field(pattern="^([0-9+][0-9 ]{2,19})?$")] = ""

    def reached(self) -> Reached:
        return Reached(self.to, self.name, self.address, self.phone)


def complaint_complaints(parts: Sequence[ComplaintPart]) -> Iterator[str]:
    """A site says it of all who are required, or of nobody yet; ``wingline up`` says what is missing for production."""
    named = [part.to for part in parts]
    for body in Body:
        if named.count(body) > 1:
            yield f"complaints: {body.value} is named twice; keep one"
        if parts and body in REQUIRED and body not in named:
            yield f'complaints: say how to reach them: to = "{body.value}" ({CALLED[body].lower()})'
    for part in parts:
        if not part.address.strip() and not part.phone:
            yield f"complaints.{part.to.value}: write an address or a phone"
