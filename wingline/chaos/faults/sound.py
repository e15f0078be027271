"""Sound alone is lost: packets of RTP do not arrive, at a phone or from it, and everything else of its call goes on."""

import asyncio
import time
from random import Random

from wingline.chaos.faults.phones import chosen
from wingline.chaos.history import Cut
from wingline.chaos.prison import Prison
from wingline.chaos.udp import UdpSocket, udp_sockets
from wingline.phones.phone import Phone

# A phone sends fifty packets a second; where none comes there is nothing to lose.
HITS_WITHIN = 1.0
_LOOKS_EVERY = 0.05


class RtpLost:
    """By a filter on the very sockets of that call, in the phone and in Asterisk; keys are lost with it (RFC 4733)."""

    def __init__(self, prison: Prison, which: int, chance: Random) -> None:
        recorder = chosen(prison, which)
        self.who = recorder.who
        self._prison, self._phone = prison, recorder.phone
        self._deaf, self._mute = chance.choice(((True, False), (False, True), (True, True)))
        self._cut: set[UdpSocket] = set()
        self._began = 0.0
        self._hit: tuple[bool, bool] = (False, False)

    async def inject(self) -> bool:
        """Whether packets were lost; a way on which none were is open again, for no log would say that it is cut."""
        ports = sound_port(self._phone, sent=True), sound_port(self._phone, sent=False)
        phones, exchanges = await asyncio.to_thread(self._sockets, *ports) if self._phone.in_call else ([], [])
        before = {one: one.dropped() for one in (*phones, *exchanges)}
        self._began = self._prison.clock.now()
        filtered = [one for one in before if one.lets_nothing_in()]
        deadline = time.monotonic() + HITS_WITHIN
        while len(self._cut) < len(filtered) and time.monotonic() < deadline:
            await asyncio.sleep(_LOOKS_EVERY)
            self._cut = {one for one in filtered if one.dropped() > before[one]}
        self._hit = bool(self._cut.intersection(phones)), bool(self._cut.intersection(exchanges))
        for one in self._cut.symmetric_difference(filtered):
            one.lets_all_in()
        return any(self._hit)

    async def heal(self) -> None:
        # A socket that was closed meanwhile, with its call, took the filter with it.
        for one in self._cut:
            one.lets_all_in()
        if any(self._hit):
            deaf, mute = self._hit
            self._prison.cuts.append(Cut(self.who, deaf, mute, self._began, self._prison.clock.now()))

    def _sockets(self, ours: int | None, theirs: int | None) -> tuple[list[UdpSocket], list[UdpSocket]]:
        """The phone's, and Asterisk's for that phone."""
        phone = self._prison.process_of(self._phone)
        asterisks = [node.asterisk_program.pid for node in self._prison.nodes]
        return (
            udp_sockets(phone, ours) if self._deaf and phone and ours else [],
            [one for pid in asterisks if pid for one in udp_sockets(pid, theirs)] if self._mute and theirs else [],
        )


def sound_port(phone: Phone, *, sent: bool) -> int | None:
    """Where sound goes by what this side said last; a phone has one call at a time."""
    said = (message.sound_port for message in reversed(phone.signalling) if message.sent is sent)
    return next((port for port in said if port), None)
