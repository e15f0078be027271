"""The audit's heads in the site's folder, for the console (console.ports.AuditHeads)."""

from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from console.ports import HeadSeen, HeadsHeld
from models import clock
from models.audit import Chain
from models.words import Instant
from wingline.audit_files import heads_folder, newest_head, own_keys, read_heads
from wingline.audit_heads import days_without, wrong_heads


@dataclass(frozen=True, slots=True)
class HeadsHere:
    data: Path
    site: str
    zone: str

    def last(self) -> HeadSeen | None:
        """The newest that can be read and believed; whether it is rightly signed, the check says."""
        newest = newest_head(heads_folder(self.data), clock.now())
        return HeadSeen(newest.day, newest.last.number, newest.last.hash, newest.signed_at) if newest else None

    def held_against(self, chain: Chain, now: Instant) -> HeadsHeld:
        """As `wingline audit verify` does without a folder and a key."""
        kept = read_heads(heads_folder(self.data))
        today = now.astimezone(ZoneInfo(self.zone)).date()
        wrong = wrong_heads(kept, chain, site=self.site, keys=own_keys(self.data), today=today)
        wrong += days_without(kept.values(), chain, today=today)
        return HeadsHeld(len(kept), tuple(one.sentence for one in wrong))
