"""What stands for a Listener in the address of a page, so that no history of a browser and no log has a name."""

import hmac
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.errors import AskersFault
from models.tables import Listener
from models.words import ListenerId, SiteId


class NobodyHere(AskersFault):
    def __init__(self) -> None:
        super().__init__("There is no Listener at this address any more; open the Listeners and choose again")


class Addresses:
    """Keyed, because whoever knows the code names could try them all against a plain hash."""

    def __init__(self, secret: str) -> None:
        self._key = secret.encode()

    def of(self, listener: ListenerId) -> str:
        return hmac.new(self._key, f"page of {listener}".encode(), sha256).hexdigest()[:16]

    def who(self, session: Session, site: SiteId, address: str) -> ListenerId:
        """NobodyHere where no Listener of the site has this address."""
        ours = session.scalars(select(Listener.id).where(Listener.site_id == site))
        found = next((ListenerId(one) for one in ours if self.of(ListenerId(one)) == address), None)
        if found is None:
            raise NobodyHere
        return found
