"""Which prompts mean what, for whoever looks at what the phones heard."""

# The caller is with somebody, or is told which human comes next (domain.md 5.3, C4: never a dead end).
ABOUT_A_HUMAN = frozenset(
    {
        "alone/notice",
        "wait/outside",
        "wait/duty-office",
        "wait/nobody",
        "wait/visit",
        "grounding",
        "talk/listener-here",
        "talk/second-listener",
        "talk/listener-gone",
        "talk/passing-on",
        "staff-key/going",
    }
)
# The caller hears that staff are told: after that there is a row, or somebody was lied to.
# Not among them: staff-are-told-you-agreed. For 5 s after it the caller may say no, and then there is none.
STAFF_ARE_TOLD = frozenset(
    {
        "caller/staff-are-told-you-asked",
        "caller/staff-are-told-life",
        "caller/staff-are-told-other",
        "caller/staff-are-told-against",
        "caller/staff-are-told-line-lost",
        "caller/a-visit-is-asked-for",
    }
)
# After these the line itself hangs up, as it has said.
GOODBYE = frozenset({"talk/goodbye", "talk/ended-by-listener"})
# The Listener hears that staff have been called.
LISTENER_HEARS_STAFF_CALLED = "key/staff-called"
# What somebody of staff hears when it is over for them (ivr/staff_dialog.py; in chaos nobody decides first).
ANSWERS_TO_STAFF = frozenset(
    {
        "staff/you-are-going",
        "staff/next-is-rung",
        "staff/no-key",
        "staff/somebody-is-going",
        "staff/please-close",
        "staff/is-closed",
    }
)
# What else tells a story when a run is read: to the caller, and to Listeners and staff in the site's language.
TO_CALLERS = (*sorted(ABOUT_A_HUMAN | STAFF_ARE_TOLD | GOODBYE), "notice/told-life")
TO_OTHERS = (
    LISTENER_HEARS_STAFF_CALLED,
    *sorted(ANSWERS_TO_STAFF),
    "alone/offer",
    "alone/call-lost",
    "offer/taken",
    "after/debrief",
    "staff/listener-line",
    "key/not-listening",
)
