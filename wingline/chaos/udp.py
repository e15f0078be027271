"""What comes to a UDP socket of another process of ours is thrown away by the kernel, and nothing else is touched.

Nobody needs root for it: a process may take a copy of a descriptor of its own descendants (pidfd_getfd), and a filter
belongs to the socket, not to the descriptor (socket(7), SO_ATTACH_FILTER).
"""

import ctypes
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

# The same on every architecture (linux/include/uapi/asm-generic/unistd.h, socket.h).
_PIDFD_GETFD = 438
_ATTACH_FILTER, _DETACH_FILTER = 26, 27
# Of a packet keep 0 bytes, which is to drop it: BPF_RET | BPF_K (linux/include/uapi/linux/filter.h).
_KEEP_NOTHING = struct.pack("HBBI", 0x06, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class UdpSocket:
    pid: int
    port: int
    inode: str

    def lets_nothing_in(self) -> bool:
        """False when it is closed, or was not ours to take."""
        program = ctypes.create_string_buffer(_KEEP_NOTHING)
        return self._is_told(_ATTACH_FILTER, struct.pack("@HP", 1, ctypes.addressof(program)))

    def lets_all_in(self) -> bool:
        """False when it is closed: with it the filter went."""
        return self._is_told(_DETACH_FILTER, struct.pack("@i", 0))

    def dropped(self) -> int:
        """Packets since it was opened; 0 when it is closed."""
        return next((int(row[-1]) for row in _rows(self.pid) if row[9] == self.inode), 0)

    def _is_told(self, option: int, value: bytes) -> bool:
        with suppress(OSError), self._copy() as ours:
            ours.setsockopt(socket.SOL_SOCKET, option, value)
            return True
        return False

    def _copy(self) -> socket.socket:
        """To be closed at once: as long as somebody has it open, its port is taken."""
        libc = ctypes.CDLL(None, use_errno=True)
        process = os.pidfd_open(self.pid)
        try:
            for number in _descriptors(self.pid, self.inode):
                copied = int(libc.syscall(_PIDFD_GETFD, process, number, 0))
                if copied >= 0:
                    return socket.socket(fileno=copied)
            raise OSError(ctypes.get_errno(), f"no copy of the socket on port {self.port}")
        finally:
            os.close(process)


def udp_sockets(pid: int, port: int) -> list[UdpSocket]:
    """Those of this process on this port, of IPv4 or IPv6; none when it has ended."""
    there = [row[9] for row in _rows(pid) if row[1].endswith(f":{port:04X}")]
    return [UdpSocket(pid, port, inode) for inode in there if any(True for _ in _descriptors(pid, inode))]


def _rows(pid: int) -> Iterator[list[str]]:
    """Of every UDP socket where that process is: address in 1, inode in 9, packets dropped in the last (proc(5))."""
    for name in ("udp", "udp6"):
        with suppress(OSError):
            yield from (row.split() for row in Path(f"/proc/{pid}/net/{name}").read_text("ascii").splitlines()[1:])


def _descriptors(pid: int, inode: str) -> Iterator[int]:
    with suppress(OSError):
        for one in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):  # closed meanwhile
                if str(one.readlink()) == f"socket:[{inode}]":
                    yield int(one.name)
