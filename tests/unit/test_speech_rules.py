"""Sentences of our own, in a prison's words: what must be flagged, what must not, and why."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.dangers import Danger
from speech.phrases import BadRules, pattern_of, rules
from speech.risk import dangers_in

DANGEROUS = {
    Danger.SUICIDE_INTENT: [
        "i'm going to kill myself",
        "I can't do another night, I'm going to hang myself",
        "gonna top myself",
        "i want to end it all",
        "i keep thinking about ending my life",
        "they'd all be better off without me",
        "i wish i was dead",
        "i just want to go to sleep and never wake up",
        "i'm feeling suicidal",
        "i won't be here at unlock",
        "there's no point living",
        "i'm gonna string myself up",
        "gonna hang meself",
        "i keep thinking about ending it",
        "i'd rather be dead",
        "i can't see a reason to carry on living",
        "i'm sick of being alive",
        "i don't care if i live or die",
        "i don't think i can keep myself safe",
        "i've given up on life",
        "the only way out of here is in a box",
        "i keep wishing i won't wake up",
    ],
    Danger.SUICIDE_PLAN: [
        "i've written my goodbyes",
        "say goodbye to my kids for me",
        "i've made a noose",
        "i've got a ligature here",
        "i've ripped up my sheets",
        "the sheet is tied to the bars",
        "i've got a blade",
        "i've been saving up my meds",
        "i've got a stash of tablets",
        "i've left a letter on the bed for whoever finds me",
        "i've hid enough tablets to kill me",
        "i'm going under a train when they let me out",
        "i'm going to starve myself to death",
        "i spoke to my kids for the last time",
        "the belt's going round my neck once they're asleep",
    ],
    Danger.ATTEMPT: [
        "i've taken all my tablets",
        "i've just taken an overdose",
        "i have overdosed",
        "i've swallowed two batteries",
        "it's round my neck now",
        "a bed sheet tight round my neck",
        "i've cut my wrists",
        "i've took the lot",
        "i just tried to hang myself",
        "i've swallowed a load of pills",
        "i took about thirty paracetamol",
        "i've injected all of my insulin",
        "i've set fire to my mattress",
        "i'm on the wrong side of the railings",
        "i've done my wrists",
        "i've cut the big vein",
    ],
    Danger.SELF_HARM: [
        "i've cut up",
        "i keep cutting myself",
        "i've been self-harming again",
        "i've cut my arm open",
        "i'm banging my head off the wall",
        "i've been scratching my arms till they bleed",
        "i punch the wall until my hand breaks",
        "i poured the kettle over my foot on purpose",
        "i've opened me old cuts",
        "i've got fresh cuts on my legs",
    ],
    Danger.OVERDOSE: [
        "i've took the lot",
        "she's taken an overdose",
        "he's overdosed on the spice",
        "i've had double my methadone by mistake",
        "there's a package burst inside me",
    ],
    Danger.MEDICAL: [
        "my cell mate isn't breathing",
        "my pad mate's gone blue",
        "it won't stop bleeding",
        "he's collapsed on the floor",
        "i can't wake him up",
        "i've got pains in my chest",
        "there's blood everywhere",
        "he's having a fit",
        "one side of my face has gone",
        "i'm coughing up blood",
        "i can't get my breath",
        "my waters have broke",
        "waters broke ten minutes since",
        "i've had no insulin since yesterday",
        "my cell mate is having a fit",
        "my pad mate collapsed",
    ],
    Danger.CHILD_AT_RISK: [
        "he's hitting my daughter",
        "my kids aren't safe",
        "i touched a child",
        "her boyfriend shakes the baby",
        "my daughter says her uncle touches her",
        "there's no food in the house",
    ],
    Danger.UNDER_THREAT: [
        "they're going to kettle me",
        "my pad mate's going to do me in",
        "he threatened to stab me",
        "i'm not safe on this wing",
        "my cell mate keeps hitting me",
        "he makes me hold his phone",
        "they're coming for me tomorrow",
        "they said they'll slash me",
    ],
    Danger.OTHER_IN_DANGER: [
        "my cell mate is trying to hang himself",
        "he's hitting my nan",
        "my wife says she wants to die",
        "my mum is going to take all her tablets",
        "next door has gone quiet",
        "they're kicking a lad on the landing",
    ],
    Danger.HARM_OTHERS: [
        "i'm going to stab him at unlock",
        "i'm going to stab my cell mate",
        "i want to strangle my missus",
        "i've got voices telling me to kill my pad mate",
        "i'm going to stab the man in the next cell",
        "i'm having him stabbed tomorrow",
        "i'm going to break his neck",
    ],
}

HARMLESS = {
    "idiom": [
        "this place is killing me",
        "i could murder a burn",
        "i'm hanging today",
        "i'd kill for a shower",
        "i was really cut up about it",
        "i need to top myself up with credit",
        "i was killing myself laughing",
        "i cut myself shaving",
        "i'm dying in here",
        "he's choking up when he talks about his nan",
        "i had to end it with her",
        "i'd rather die than eat that again",
        "we were six feet under in boxes",
        "the water has gone off again",
        "a pipe burst in me cell",
        "my stuff is going in a box for the van",
        "we're out of gas and nearly out of tea",
        "he had me carrying his bags",
        "i cut the cake myself",
        "his face dropped when he saw the score",
    ],
    "denied": [
        "i'm not going to kill myself",
        "i would never hang myself",
        "i don't think i'm going to kill myself",
        "i've got no intention of killing myself",
        "i haven't taken an overdose",
        "i didn't cut myself",
        "i'm not suicidal",
        "i've no thoughts of ending it",
        "i'm not going to jump off anything",
    ],
    "past": [
        "i tried to kill myself in twenty nineteen",
        "i used to cut myself when i was a kid",
        "years ago i took an overdose",
        "back in my first sentence i cut my wrists",
        "my mum took an overdose when i was ten",
        "i hung meself in oh nine and they cut me down",
        "took an overdose in the nineties",
        "i'd a rope round my neck in eighty six",
        "i took an overdose at nineteen and never again",
        "when i first came in i wanted to die now i help the new ones",
    ],
    "another person": [
        "my brother hung himself",
        "my uncle killed himself",
        "his mate committed suicide",
    ],
    "reported": [
        "the nurse asked me if i was going to kill myself",
        "there's a song where she says i want to die",
        "in the film he says i'm going to kill myself",
        "the poster by the phones says are you thinking about suicide",
        "it says on the form any thoughts of self harm",
        "do you self harm she says to me",
        "my solicitor asked if i'd ever tried to kill myself",
        "i got asked if i was going to hang myself",
    ],
    "answered": [
        "thoughts of suicide no just a bad back",
        "do i want to die no pal i want a transfer",
        "do i think about ending it nah",
    ],
    "ordinary prison talk": [
        "they put me on the book last week",
        "i've been down the block for two weeks",
        "i got nicked for a phone",
        "there's spice all over the wing",
        "he robbed a shop and he's got a blade on him",
        "i don't want to be here i want to go home",
        "he was swinging for him on the landing",
        "we get locked up at five o'clock",
        "when he gets out he's going to do the place over",
    ],
}


@pytest.mark.parametrize(("danger", "said"), [(kind, said) for kind, many in DANGEROUS.items() for said in many])
def test_danger_is_heard(danger: Danger, said: str) -> None:
    assert danger in {hit.danger for hit in dangers_in(said)}


@pytest.mark.parametrize("said", [said for many in HARMLESS.values() for said in many])
def test_harmless_talk_raises_nothing(said: str) -> None:
    assert dangers_in(said) == ()


@pytest.mark.parametrize(
    "said",
    [
        "i can't promise i won't kill myself",
        "i don't care i'm going to kill myself",
        "i'm not joking i'm going to hang myself",
        "don't let me kill myself",
        "i can't stop thinking about killing myself",
        "they asked me if i was going to kill myself and i said yes",
        "i took an overdose years ago and i've just taken all my tablets",
        "i'm not eating but i'm going to kill myself",
        "you know i'm suicidal",
        "thank you feeling suicidal again tonight",
        "been feeling suicidal since induction",
        "can you hear me suicidal thoughts all night",
        "do you know what it's like i want to die",
        "i want to die no one would care",
        "i want to die no i mean it",
        "i'm going to kill myself no honestly",
        "i put no on the form but i do want to die",
        "took too many paracetamol no not to die",
        "i've set my mattress alight nah i'm in here with it",
        "the letter says no parole so i'm going to hang myself",
        "my mum died four years ago and i want to die",
        "my brother went years back i'm going to kill myself",
        "i swallowed the blades when i was low now me belly's like a board",
        "i'd sooner not wake up",
        "the nurse asked how i was and i'm going to kill myself tonight",
        "there's a song on and i'm going to hang myself",
    ],
)
def test_a_denial_or_a_past_of_something_else_clears_nothing(said: str) -> None:
    assert dangers_in(said)


def test_a_danger_said_in_two_sentences_is_one() -> None:
    assert [hit.rule for hit in dangers_in("i've been saving up and" + " all my" + " tablets")] == []
    assert "attempt.tablets" in [hit.rule for hit in dangers_in("last hour i have taken" + " all the tablets")]


def test_the_span_points_at_the_words() -> None:
    words = ["look", "i", "am", "going", "to", "kill", "myself", "tonight"]

    (hit,) = dangers_in(words)

    assert words[slice(*hit.span)] == ["kill", "myself"]


def test_every_rule_has_its_own_name_and_every_kind_has_rules() -> None:
    names = [rule.id for rule in rules()]

    assert len(names) == len(set(names))
    assert {rule.danger for rule in rules()} == set(Danger)


LISTS = {"somebody": ["cell mate", "mate"], "hurt": ["stab", "have <somebody> stab"]}


@pytest.mark.parametrize(
    ("phrase", "said", "not_said"),
    [
        ("stab <somebody>", ["stab cell mate", "stab mate"], ["stab cell"]),
        ("is|<somebody> ill", ["is ill", "cell mate ill", "mate ill"], ["cell ill", "is mate ill"]),
        ("<somebody>|he's ill", ["he's ill", "cell mate ill"], ["ill"]),
        ("very <somebody>|ill? bad", ["very bad", "very ill bad", "very cell mate bad"], ["very he bad"]),
        ("<hurt> him", ["stab him", "have cell mate stab him"], ["have stab him"]),
    ],
)
def test_how_a_phrase_is_written(phrase: str, said: list[str], not_said: list[str]) -> None:
    pattern = re.compile(pattern_of(phrase, LISTS))

    assert all(pattern.fullmatch(f"{one} ") for one in said)
    assert not any(pattern.fullmatch(f"{one} ") for one in not_said)


@pytest.mark.parametrize(
    ("phrase", "complaint"),
    [
        ("stab <someone>", "there is no list <someone>; there are hurt, somebody"),
        ("is|<somebody ill", "<somebody is no word"),
        ("stab|| him", "nothing is no word"),
        ("Stab him", "Stab is no word"),
        ("stab, him", "stab, is no word"),
        ("stab ...him", "...him is no word"),
    ],
)
def test_a_phrase_that_could_never_be_heard_is_refused(phrase: str, complaint: str) -> None:
    with pytest.raises(BadRules, match=re.escape(complaint)) as refused:
        pattern_of(phrase, LISTS)
    assert f'rules.toml: "{phrase}"' in str(refused.value)


@given(st.text(max_size=300))
def test_any_text_can_be_looked_at(text: str) -> None:
    assert isinstance(dangers_in(text), tuple)
