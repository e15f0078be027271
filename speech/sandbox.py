"""What the kernel refuses to speech once it listens: files to write, programs, new sockets, other processes' memory.

Landlock (py-landlock) holds back files, TCP and signals; seccomp (pyseccomp) holds for every thread, knows what
Landlock does not, and stands alone on a kernel without Landlock (before 5.13).
"""

import ctypes
import errno
import os
import resource
from dataclasses import dataclass

import pyseccomp as seccomp
import structlog
from py_landlock import Landlock
from py_landlock.errors import LandlockError

from speech.secrecy import PR_SET_DUMPABLE

log: structlog.stdlib.BoundLogger = structlog.get_logger("speech")

MCL_CURRENT, MCL_FUTURE, MCL_ONFAULT = 1, 2, 4
CLONE_THREAD = 0x10000

# Where words could go to, or come out of: other programs, other processes, sockets, shared memory, queues, devices.
NEVER = (
    "execve", "execveat", "fork", "vfork",
    "ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_getfd",
    "socket", "socketpair", "connect", "bind", "listen",
    "memfd_create", "shmget", "shmat", "msgget", "mq_open", "pipe", "pipe2",
    "creat", "truncate", "mknod", "mknodat", "mkdir", "mkdirat", "link", "linkat", "symlink", "symlinkat",
    "rename", "renameat", "renameat2", "setxattr", "lsetxattr", "fsetxattr",
    "mount", "pivot_root", "chroot", "setns", "unshare", "swapon",
    "bpf", "perf_event_open", "userfaultfd", "add_key", "request_key", "keyctl", "syslog",
    "setrlimit", "init_module", "finit_module", "kexec_load", "io_setup",
)  # fmt: skip
# The library that asks for these goes on without them; their arguments cannot be looked at.
UNKNOWN = ("clone3", "openat2", "io_uring_setup")


@dataclass(frozen=True, slots=True)
class Held:
    """What this machine's kernel gave: the version of Landlock (0: none), and whether memory cannot be swapped out."""

    landlock: int
    memory_locked: bool


def hold() -> Held:
    """Everything is loaded and the port is open; from here on only threads, accepted sockets and reading. For good."""
    held = Held(_landlock(), _lock_memory())
    _seccomp()
    if not held.landlock:
        log.warning("speech.no_landlock")
    if not held.memory_locked:
        log.warning("speech.memory_not_locked", limit=resource.getrlimit(resource.RLIMIT_MEMLOCK)[0])
    return held


def _landlock() -> int:
    """Reading stays: a thread of a library may look at /proc or /sys. Writing, connecting, signalling do not."""
    lock = Landlock(strict=False).allow_read("/")
    try:
        version = int(lock.abi_version)
        lock.apply()
    except (LandlockError, OSError):
        return 0
    return version


def _lock_memory() -> bool:
    libc = ctypes.CDLL(None, use_errno=True)
    return bool(libc.mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0)


def _seccomp() -> None:
    refused = seccomp.SyscallFilter(seccomp.ALLOW)
    refused.set_attr(seccomp.Attr.CTL_TSYNC, 1)
    no = seccomp.ERRNO(errno.EPERM)
    for call in NEVER:
        _refuse(refused, no, call)
    for call in UNKNOWN:
        _refuse(refused, seccomp.ERRNO(errno.ENOSYS), call)
    for call, flags in (("open", 1), ("openat", 2)):
        for mode in (os.O_WRONLY, os.O_RDWR, os.O_CREAT):
            _refuse(refused, no, call, seccomp.Arg(flags, seccomp.MASKED_EQ, mode, mode))
    _refuse(refused, no, "clone", seccomp.Arg(0, seccomp.MASKED_EQ, CLONE_THREAD, 0))
    _refuse(refused, no, "prctl", seccomp.Arg(0, seccomp.EQ, PR_SET_DUMPABLE))
    _refuse(refused, no, "prlimit64", seccomp.Arg(2, seccomp.NE, 0))
    refused.load()


def _refuse(refused: seccomp.SyscallFilter, how: int, call: str, *arguments: seccomp.Arg) -> None:
    try:
        refused.add_rule(how, call, *arguments)
    except OSError as error:
        # A call that this processor's kernel does not have (arm64 has no open, fork, pipe) needs no refusal.
        if error.errno not in (errno.EINVAL, errno.EDOM, errno.EFAULT):
            raise
