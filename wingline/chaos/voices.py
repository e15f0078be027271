"""What the people of a run say, each a sentence of their own, so that a phone knows whom it heard."""

from random import Random

from models.words import Post
from wingline.chaos.plan import LANES, LISTENERS, OUTSIDE

# No two share words in the same place, or one would be taken for the other. None of it is a danger.
_SENTENCES = (
    "The river was frozen over last winter",
    "Nobody remembered to water the garden",
    "Every train to the north is late today",
    "My brother painted both of the chairs",
    "She keeps apples under the kitchen stairs",
    "It has been raining since four o'clock",
    "Seven letters were lying on the table",
    "We used to live beside a small harbour",
    "He never liked the colour of that door",
    "Good evening, how may this office help",
    "Samaritans here, take all the time you need",
    "Healthcare, what would you like to tell us",
    "Control room, go ahead with your message",
    "Orderly officer speaking from the gate",
)
_WHO = (
    *LISTENERS,
    *(f"caller-{lane}" for lane in range(LANES)),
    Post.DUTY_OFFICE.value,
    OUTSIDE,
    Post.HEALTHCARE.value,
    Post.CONTROL_ROOM.value,
    Post.ORDERLY_OFFICER.value,
)
SAYS = dict(zip(_WHO, _SENTENCES, strict=True))
VOICE = "flite:rms"
CANARY_VOICE = "flite:slt"

_HOW_MANY = ("eleven", "twenty", "forty", "ninety")
_COLOURS = ("turquoise", "crimson", "beige", "maroon")
_ANIMALS = ("walruses", "ostriches", "hedgehogs", "lobsters")
_DO = ("polished", "smuggled", "borrowed", "auctioned")
_THINGS = ("trombones", "wheelbarrows", "chandeliers", "haystacks")


def canary(seed: int) -> str:
    """Words that nobody else on the machine says: put together here, so that no file of ours holds two in a row."""
    rng = Random(f"canary {seed}")  # noqa: S311  not a secret
    words = [rng.choice(one) for one in (_HOW_MANY, _COLOURS, _ANIMALS, _DO, _COLOURS, _THINGS)]
    return " ".join(words)
