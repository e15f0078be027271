"""What a Listener hears after a call: the debrief each is offered. Only "wants to talk" is kept, never about what."""

from ivr import own_store
from ivr.ports import Ports
from ivr.voice import Voice
from listeners import store as listeners
from models.words import ListenerId

WAIT_FOR_KEY_SECONDS = 5


async def offer(voice: Voice, ports: Ports, listener: ListenerId | None) -> None:
    """Who was attacked, or has asked before, need not ask: somebody will ring them, unless they say no."""
    wanted = listener is not None and await _wants_it(ports, listener)
    question = "after/will-be-rung" if wanted else "after/debrief"
    key = await voice.ask(_files(ports, "after/caller-gone", question), WAIT_FOR_KEY_SECONDS)
    if wanted:
        if key == "1" and listener:
            await ports.database.run(lambda db: own_store.debrief_done(db, listener))
        await voice.say(_files(ports, "after/all-right"))
        return
    if key == "2" and listener:
        await ports.database.run(lambda db: listeners.ask_for_debrief(db, listener))
    await voice.say(_files(ports, "after/will-be-called" if key == "2" else "after/all-right"))


async def _wants_it(ports: Ports, listener: ListenerId) -> bool:
    return await ports.database.run(lambda db: listeners.wants_debrief(db, listener))


def _files(ports: Ports, *prompts: str) -> list[str]:
    language = ports.rules().default_language
    return [ports.prompts.in_language(language, prompt) for prompt in prompts]
