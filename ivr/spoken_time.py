"""Times as people say them, in prompts: "tonight, from eight in the evening until midnight"."""

from datetime import datetime, tzinfo

from models.words import Prompt

Prompts = tuple[Prompt, ...]

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
MORNING, EVENING = 6, 18
# For so many days a weekday alone says which one is meant.
A_WEEK = 7


def spoken_shift(starts_at: datetime, ends_at: datetime, *, now: datetime, zone: tzinfo) -> Prompts:
    """Its day, from when and until when, on the clocks of the prison."""
    starts, ends = starts_at.astimezone(zone), ends_at.astimezone(zone)
    day = _day(starts, now.astimezone(zone))
    return (*day, Prompt("time/from"), *spoken_clock(starts), Prompt("time/until"), *spoken_clock(ends))


def spoken_clock(local: datetime) -> Prompts:
    """``local`` is in the zone in which it is to be said; the hour that comes twice says when it is the second."""
    return (*_clock(local), Prompt("time/after-the-clocks-go-back")) if local.fold else _clock(local)


def spoken_since(moment: datetime, *, now: datetime, zone: tzinfo) -> Prompts:
    """For staff, on the 24-hour clock (domain.md 1.8): "twenty-two, thirty", with its day when that is not today."""
    local = moment.astimezone(zone)
    days = (now.astimezone(zone).date() - local.date()).days
    day = () if days <= 0 else (Prompt("time/yesterday"),) if days == 1 else _weekday(local, days)
    again = (Prompt("time/after-the-clocks-go-back"),) if local.fold else ()
    return (*day, *_of_24(local.hour), *_minutes_of_24(local.minute), *again)


def spoken_date(local: datetime) -> Prompts:
    """With its year: thirty, one, December, two, zero, two, seven."""
    return *_day_and_month(local), *(Prompt(f"digits/{digit}") for digit in str(local.year))


def spoken_number(number: int) -> Prompts:
    """From 0 to 999, and 999 for more."""
    hundreds, rest = divmod(min(number, 999), 100)
    said = (Prompt(f"digits/{hundreds}"), Prompt("numbers/hundred")) if hundreds else ()
    return said if hundreds and not rest else (*said, *_below_a_hundred(rest))


def _below_a_hundred(number: int) -> Prompts:
    if number < 10:
        return (Prompt(f"digits/{number}"),)
    tens, ones = divmod(number, 10)
    if tens == 1 or not ones:
        return (Prompt(f"numbers/{number}"),)
    return Prompt(f"numbers/{tens * 10}"), Prompt(f"digits/{ones}")


def _of_24(number: int) -> Prompts:
    return (Prompt("digits/0"), *spoken_number(number)) if number < 10 else spoken_number(number)


def _minutes_of_24(minute: int) -> Prompts:
    return _of_24(minute) if minute else (Prompt("numbers/hundred"),)


def _clock(local: datetime) -> Prompts:
    this, following = (Prompt(f"time/hour-{(local.hour + more) % 24}") for more in (0, 1))
    match local.minute:
        case 0:
            return (this,)
        case 1:
            return Prompt("digits/1"), Prompt("time/minute-past"), this
        case 15:
            return Prompt("time/quarter-past"), this
        case 30:
            return Prompt("time/half-past"), this
        case 45:
            return Prompt("time/quarter-to"), following
        case minute:
            return *spoken_number(minute), Prompt("time/minutes-past"), this


def _day(starts: datetime, now: datetime) -> Prompts:
    """A small hour is called by the day that follows, "in the night to Tuesday", so that nobody comes a day late."""
    days = (starts.date() - now.date()).days
    if starts.hour < MORNING and days == (0 if now.hour < MORNING else 1):
        return (Prompt("time/tonight"),)
    if starts.hour < MORNING and days > 0:
        return Prompt("time/in-the-night-to"), *_weekday(starts, days)
    # Before six, "tonight" is the night that runs.
    evening, night_runs = starts.hour >= EVENING, now.hour < MORNING
    match days:
        case -1:
            return (Prompt("time/tonight" if evening and night_runs else "time/yesterday"),)
        case 0:
            return (Prompt("time/tonight" if evening and not night_runs else "time/today"),)
        case 1:
            return (Prompt("time/tomorrow"),)
        case _:
            return _weekday(starts, days)


def _weekday(local: datetime, days: int) -> Prompts:
    name = Prompt(f"time/{WEEKDAYS[local.weekday()]}")
    return (name,) if abs(days) < A_WEEK else (name, *_day_and_month(local))


def _day_and_month(local: datetime) -> Prompts:
    return *spoken_number(local.day), Prompt(f"months/{MONTHS[local.month - 1]}")
