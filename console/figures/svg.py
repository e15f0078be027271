"""A few shapes of SVG, made on the server: a chart that prints, needs no script and says in words what it shows."""

from collections.abc import Iterable

from markupsafe import Markup

INK = "#0b0c0c"
QUIET = "#505a5f"
LINE = "#b1b4b6"


def picture(name: str, title: str, says: str, size: tuple[float, float], shapes: Iterable[Markup]) -> Markup:
    """``name``: for the ids of what a screen reader says of it; the numbers are in the table beside it."""
    return Markup(
        '<svg class="figures__chart" role="img" aria-labelledby="{name}-title {name}-says"'
        ' viewBox="0 0 {width} {height}" font-family="inherit" font-size="13"><title id="{name}-title">{title}</title>'
        '<desc id="{name}-says">{says}</desc>{shapes}</svg>'
    ).format(
        name=name, title=title, says=says, width=_short(size[0]), height=_short(size[1]), shapes=Markup("").join(shapes)
    )


def box(  # noqa: PLR0913, PLR0917  as SVG has them
    x: float, y: float, width: float, height: float, fill: str, outline: str = "none"
) -> Markup:
    return Markup('<rect x="{}" y="{}" width="{}" height="{}" fill="{}" stroke="{}" stroke-width="{}"></rect>').format(
        _short(x), _short(y), _short(width), _short(height), fill, outline, 0 if outline == "none" else 2.5
    )


def line(  # noqa: PLR0913, PLR0917  as SVG has them
    x: float, y: float, x2: float, y2: float, colour: str = LINE, width: float = 1
) -> Markup:
    return Markup('<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="{}" stroke-width="{}"></line>').format(
        _short(x), _short(y), _short(x2), _short(y2), colour, width
    )


def dot(x: float, y: float, colour: str = INK) -> Markup:
    return Markup('<circle cx="{}" cy="{}" r="4" fill="#ffffff" stroke="{}" stroke-width="2"></circle>').format(
        _short(x), _short(y), colour
    )


def words(  # noqa: PLR0913  as SVG has them
    x: float, y: float, text: str, *, anchor: str = "middle", colour: str = INK, bold: bool = False
) -> Markup:
    weight = "700" if bold else "400"
    return Markup('<text x="{}" y="{}" text-anchor="{}" fill="{}" font-weight="{}">{}</text>').format(
        _short(x), _short(y), anchor, colour, weight, text
    )


def _short(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
