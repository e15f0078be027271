"""`python -m console.catalogue` puts every message of the console into the Welsh catalogue, for who translates it.

What is translated stays as it is; what no page says any more goes.
"""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

from console.language import CATALOGUES, WELSH
from escalation.plain_words_names import THE_CALLER, YOU
from models import kept

_HERE = Path(__file__).parent
_TEMPLATES = _HERE / "pages"
# Below the console, where nobody knows of other languages (models/phrases.py).
_BELOW = [module for below in ("models", "rota", "escalation") for module in (_HERE.parent / below).glob("*.py")]
_CALLS = {"_": 1, "marked": 1, "n_": 2, "marked_many": 2, "phrase": 1, "counted": 2, "say": 1}
_FOR_JINJA = ("_", "n_", "gettext", "ngettext")

Message = str | tuple[str, ...]


def messages() -> Iterator[tuple[Message, str, int]]:
    """Each with the file and the line that says it."""
    for module in sorted((*_HERE.rglob("*.py"), *_BELOW)):
        for message, line in in_python(module.read_text()):
            yield message, module.relative_to(_HERE.parent).as_posix(), line
    for text in of_what_is_kept():
        yield text, "models/kept.py", 0
    for template in sorted(_TEMPLATES.glob("*.html")):
        for message, line in in_template(template):
            yield message, template.relative_to(_HERE.parent).as_posix(), line


def of_what_is_kept() -> Iterator[str]:
    """models/kept.py says it, and knows of no other language."""
    for person in kept.Person:
        yield kept.FIRST[person]
        for one in kept.kept_about(person):
            yield from (one.what, one.how_long, one.who_sees)
    yield kept.LAST


def in_python(source: str) -> Iterator[tuple[Message, int]]:
    """What ``_``, ``n_``, ``marked`` and ``phrase`` are given, and the values of ``Words``."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = _called(node.func)
        wanted = _CALLS.get(name, 0)
        given = tuple(_texts(node.args[:wanted]))
        if wanted and len(given) == wanted:
            for message in [given] if wanted > 1 else _with_each_caller(given[0]):
                yield message, node.lineno
        if name == "Words" and isinstance(node.args[0], ast.Dict):
            yield from ((text, node.lineno) for text in _texts(node.args[0].values))


def _called(function: ast.expr) -> str:
    """``caller.say`` is a method, and the others are not."""
    match function:
        case ast.Name(name) if name != "say":
            return name
        case ast.Attribute(attr="say"):
            return "say"
    return ""


def _with_each_caller(text: str) -> Iterable[str]:
    """A sentence about the caller is two messages: "you hear", "the caller hears"."""
    return {caller.put_into(text): None for caller in (YOU, THE_CALLER)} if "{" in text else (text,)


def in_template(template: Path) -> Iterator[tuple[Message, int]]:
    options = {"extensions": "jinja2.ext.i18n", "trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
    with template.open("rb") as written:
        for line, _function, found, _comments in babel_extract(written, _FOR_JINJA, (), options):
            texts = tuple(one for one in (found if isinstance(found, tuple) else (found,)) if one is not None)
            if texts:
                yield (texts[0] if len(texts) == 1 else texts[:2]), line


def _texts(nodes: Iterable[ast.expr]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def brought_up_to_date(written: Catalog) -> Catalog:
    found = Catalog()
    for message, file, line in messages():
        found.add(message, locations=[(file, line)])
    written.update(found, no_fuzzy_matching=True)
    written.obsolete.clear()
    return written


def main() -> None:
    """The head of the file stays as people wrote it."""
    at = CATALOGUES / f"{WELSH}.po"
    head = at.read_text().partition("\n\n")[0]
    with at.open("rb") as file:
        catalogue = brought_up_to_date(read_po(file, locale=WELSH))
    with at.open("wb") as file:
        file.write(f"{head}\n\n".encode())
        write_po(file, catalogue, width=120, omit_header=True, include_lineno=False, sort_by_file=True)


if __name__ == "__main__":
    main()
