"""A finite-state acceptor as OpenFst keeps it on disk (`const`), read and written whole."""

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wingline.setup.failure import SetupFailed

# fst/fst.h, class FstHeader, and fst/const-fst.h: the second version of `const` is not aligned to anything.
_MAGIC = 2125659606
_KIND, _ARC, _VERSION = b"const", b"standard", 2
_NO_FLAGS = 0
# fst/properties.h: expanded; each arc takes what it gives; sorted by what it takes, and by what it gives.
_SORTED_ACCEPTOR = 0x1 | 0x10000 | 0x10000000 | 0x40000000
_HEAD = struct.Struct(f"<ii{len(_KIND)}si{len(_ARC)}siiQqqq")
STATE = np.dtype([("final", "<f4"), ("at", "<u4"), ("arcs", "<u4"), ("takes_none", "<u4"), ("gives_none", "<u4")])
ARC = np.dtype([("takes", "<i4"), ("gives", "<i4"), ("weight", "<f4"), ("to", "<i4")])


@dataclass(frozen=True, slots=True)
class Acceptor:
    """Arcs of all states, one state's after another's; `final` is infinite where it must not end. Weights are -ln p."""

    start: int
    final: NDArray[np.float32]
    # The number of arcs of each state.
    arcs_of: NDArray[np.int64]
    word: NDArray[np.int64]
    weight: NDArray[np.float32]
    to: NDArray[np.int64]

    @classmethod
    def read(cls, file: Path) -> "Acceptor":
        """SetupFailed for what is no graph of this kind, without symbols of its own."""
        held = file.read_bytes()
        head = _HEAD.unpack_from(held) if len(held) >= _HEAD.size else ()
        if not head or (head[0], head[2], head[4], head[5], head[6]) != (_MAGIC, _KIND, _ARC, _VERSION, _NO_FLAGS):
            raise SetupFailed(f"{file.name} is not a graph that can be read.", remedy="set up OpenFst anew.")
        *_, start, states, arcs = head
        state = np.frombuffer(held, STATE, states, _HEAD.size)
        arc = np.frombuffer(held, ARC, arcs, _HEAD.size + states * STATE.itemsize)
        return cls(
            start,
            state["final"],
            state["arcs"].astype(np.int64),
            arc["takes"].astype(np.int64),
            arc["weight"],
            arc["to"].astype(np.int64),
        )

    def write(self, file: Path) -> None:
        """Arcs of a state must be sorted by their word."""
        state = np.zeros(self.final.size, STATE)
        state["final"], state["arcs"] = self.final, self.arcs_of
        state["at"] = np.cumsum(self.arcs_of) - self.arcs_of
        of_state = np.repeat(np.arange(self.final.size), self.arcs_of)
        state["takes_none"] = state["gives_none"] = np.bincount(of_state[self.word == 0], minlength=self.final.size)
        arc = np.zeros(self.word.size, ARC)
        arc["takes"] = arc["gives"] = self.word
        arc["weight"], arc["to"] = self.weight, self.to
        head = _HEAD.pack(
            _MAGIC, len(_KIND), _KIND, len(_ARC), _ARC, _VERSION, _NO_FLAGS, _SORTED_ACCEPTOR,
            self.start, state.size, arc.size,
        )  # fmt: skip
        file.write_bytes(head + state.tobytes() + arc.tobytes())
