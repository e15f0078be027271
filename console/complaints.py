"""How to complain to somebody outside the prison (domain.md C7). Whose addresses those are is the site's to say."""

TITLE = "How to complain to somebody outside the prison"
FIRST = (
    "You may complain about this line, about a Listener, about staff who came, or about what is kept about you. "
    "Nobody may treat you worse because you did. You need not say what you talked about in a call."
)
# Whom, and about what.
WHOM: tuple[tuple[str, str], ...] = (
    (
        "The monitoring board of the prison",
        (
            "People from outside who may go anywhere in it and speak with anybody alone. They see a report about this "
            "line and can check its audit."
        ),
    ),
    (
        "The branch of Samaritans, or whoever else supports the Listeners",
        "When it is about a Listener, or about how a call was. They can turn the computer's listening off.",
    ),
    (
        "The ombudsman for prisons",
        "When you have complained in the prison and are not content with the answer, or had none.",
    ),
    ("The authority for data protection", "When it is about what is kept about you, or who saw it."),
    ("A solicitor, or your member of parliament", "About anything."),
)
HOW = (
    "Write, or ask to speak to them. Ask staff for a confidential envelope: what you write to the ombudsman and to a "
    "solicitor is not to be read by the prison. If you cannot write, a Listener, the chaplaincy or somebody of the "
    "monitoring board may write for you."
)
WHERE = "The addresses and telephone numbers for this prison: ask the coordinator of the Listener scheme."
