"""Answers that cost a second to make and do not change: each is made once, also when several people ask at once."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Hashable
from typing import Any, TypeVar, cast

from console.language import spoken

T = TypeVar("T")
# Reports of the last years and figures of the periods that people look at.
MOST = 64


class Remembered:
    """``key`` says all that the answer is made of, so that another key is another answer; in each language its own."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._made: OrderedDict[Hashable, asyncio.Task[Any]] = OrderedDict()

    async def of(self, key: Hashable, make: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """What cannot be made is tried again by whoever asks next."""
        asked = spoken(), key
        if asked not in self._made:
            self._made[asked] = asyncio.create_task(make())
            if len(self._made) > self._most:
                self._made.popitem(last=False)
        self._made.move_to_end(asked)
        task = cast("Awaitable[T]", asyncio.shield(self._made[asked]))
        try:
            # Somebody who goes away while it is made must not take it from the others.
            return await task
        except Exception:
            self._made.pop(asked, None)
            raise
