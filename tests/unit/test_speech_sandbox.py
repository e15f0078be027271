"""What the kernel refuses to speech: each attempt is made in a process that is held as the real one is."""

import os
import subprocess
import sys
import textwrap

import pytest

from speech.secrecy import FORGETTING

pytestmark = pytest.mark.slow

HELD = """
import socket, tempfile
doomed = tempfile.NamedTemporaryFile(delete=False)
kept = socket.socket()
kept.bind(("127.0.0.1", 0))
kept.listen()
"""

# What could carry words out of the process, or let somebody look into it.
ATTEMPTS = {
    "writes a file": "open('/tmp/words', 'w')",
    "appends to a file": "open('/dev/null', 'a')",
    "writes to shared memory": "open('/dev/shm/words', 'wb')",
    "makes memory with a name": "os.memfd_create('words')",
    "makes a folder": "os.mkdir('/tmp/words-folder')",
    "makes a pipe with a name": "os.mkfifo('/tmp/words-pipe')",
    "makes a link": "os.symlink('words', '/tmp/words-link')",
    "renames a file": "os.rename('/tmp/a', '/tmp/b')",
    "deletes a file": "os.unlink(doomed.name)",
    "marks a file": "os.setxattr('/tmp', 'user.words', b'words')",
    "opens a socket": "socket.socket()",
    "opens a datagram socket": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
    "opens a pair of sockets": "socket.socketpair()",
    "starts a program": "os.posix_spawn('/bin/true', ['true'], {})",
    "becomes a program": "os.execv('/bin/true', ['true'])",
    "forks": "os.fork() or os._exit(0)",
    "starts a shell": "subprocess.run('true', shell=True, check=False)",
    "reads another process's memory": "open(f'/proc/{os.getppid()}/mem', 'rb').read(1)",
    "lets itself be dumped": "asked(libc.prctl(4, 1, 0, 0, 0))",
    "lets itself be traced": "asked(libc.ptrace(0, 0, 0, 0))",
    "reads memory by pid": "asked(libc.process_vm_readv(os.getppid(), None, 0, None, 0, 0))",
    "writes a core": "asked(libc.prlimit(0, 4, ctypes.byref((ctypes.c_ulong * 2)(1, 1)), None))",
    "signals another process": "os.kill(os.getppid(), 0)",
    "writes from a thread": "in_a_thread(lambda: open('/tmp/words', 'w'))",
    "opens a socket from a thread": "in_a_thread(socket.socket)",
    "deletes a file in the second pass": "in_the_second_pass(lambda: os.unlink(doomed.name))",
    "signals another process in the second pass": "in_the_second_pass(lambda: os.kill(os.getppid(), 0))",
}  # fmt: skip

PREPARED = """
import ctypes, errno, os, subprocess, sys, threading
libc = ctypes.CDLL(None, use_errno=True)

def asked(answer):
    if answer == -1:
        raise OSError(ctypes.get_errno(), "refused")

def in_a_thread(act):
    fell = []
    def run():
        try:
            act()
        except OSError as error:
            fell.append(error)
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if fell:
        raise fell[0]

from speech.second import SecondPass
acts, fallen = [], []

def engine(_pcm):
    try:
        acts.pop()()
    except OSError as error:
        fallen.append(error)
    return ""

# Made before the process is held, as in speech/__main__.py.
again = SecondPass(engine)

def in_the_second_pass(act):
    acts.append(act)
    done = threading.Event()
    again.hear(bytearray(2), lambda _words: done.set(), owner=None)
    done.wait(5)
    if fallen:
        raise fallen[0]
"""


def attempt(code: str, *, held: bool = True) -> str:
    """`refused`, `done`, or what else became of it."""
    hold = "from speech import sandbox\nsandbox.hold()\n" if held else ""
    trying = f"try:\n    {code}\n    print('done')\nexcept PermissionError:\n    print('refused')\n"
    done = subprocess.run(
        [sys.executable, "-c", PREPARED + HELD + hold + trying], capture_output=True, text=True, check=False, timeout=30
    )
    return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else done.stderr


@pytest.mark.parametrize("what", ATTEMPTS)
def test_a_held_process_cannot(what: str) -> None:
    assert attempt(ATTEMPTS[what]) == "refused"


@pytest.mark.parametrize(
    "code",
    [
        "open('/proc/self/status').read()",
        "in_a_thread(lambda: None)",
        "sys.stderr.write('a log line')",
        "kept.getsockname()",
    ],
)
def test_a_held_process_still_can_do_its_work(code: str) -> None:
    assert attempt(code) == "done"


def test_without_the_sandbox_the_same_attempts_succeed() -> None:
    """Or the tests above would prove nothing."""
    named = ("writes to shared memory", "opens a socket", "forks", "makes memory with a name")
    assert [attempt(ATTEMPTS[what], held=False) for what in named] == ["done"] * len(named)


def test_what_comes_later_is_in_memory_that_is_never_swapped_or_it_is_said() -> None:
    """Locking needs root or a limit for it (LimitMEMLOCK); without it speech goes on, and says so."""
    code = textwrap.dedent("""
        from speech import sandbox
        held = sandbox.hold()
        def locked():
            return int(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmLck")))
        before = locked()
        words = bytearray(20 << 20)
        words[::4096] = b"w" * len(words[::4096])
        print(held.memory_locked and locked() - before)
    """)

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    *said, grown = done.stdout.splitlines()

    assert int(grown) >= 20 * 1024 if grown != "False" else "memory_not_locked" in "".join(said)


def test_words_as_numbers_are_in_no_memory_that_numpy_keeps_for_itself() -> None:
    """Blocks below 1 KB never reach the allocator that overwrites what is freed."""
    code = textwrap.dedent("""
        import numpy as np
        from speech.meaning import LearntMeaning
        meaning = LearntMeaning()
        numbers = meaning._tokens.encode("seventeen yellow penguins were dancing").ids
        meaning("seventeen yellow penguins were dancing")
        freed = [np.empty((1, len(numbers)), np.int64) for _ in range(8)]
        print(sum(one[0].tolist() == numbers for one in freed))
    """)

    assert subprocess.check_output([sys.executable, "-c", code], env={**os.environ, **FORGETTING}) == b"0\n"


def test_a_memory_that_was_freed_holds_no_words() -> None:
    """With the allocator that speech starts itself again with; without it thousands of copies stay behind."""
    code = textwrap.dedent("""
        import re, sys
        sys.argv = ["x"]
        from speech import secrecy
        def word():
            return "".join(map(chr, (122, 101, 98, 114, 97, 109, 97, 114)))
        kept = [" ".join([word()] * (at % 7 + 1) + [str(at)]) for at in range(3000)]
        del kept
        needle, found = word().encode(), 0
        for area in re.finditer(r"(\\w+)-(\\w+) rw", open("/proc/self/maps").read()):
            begin, end = int(area[1], 16), int(area[2], 16)
            with open("/proc/self/mem", "rb", 0) as memory:
                memory.seek(begin)
                try:
                    found += memory.read(end - begin).count(needle)
                except OSError:
                    continue
        print(found)
    """)

    def left(environment: dict[str, str]) -> int:
        return int(subprocess.check_output([sys.executable, "-c", code], env={**os.environ, **environment}))

    assert left(FORGETTING) < 10
    assert left({}) > 1000
