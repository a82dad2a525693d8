"""Server-rendered pages in the reader's language, with nothing from other hosts."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

#: own scripts and styles only, none inline; pictures may also be data: addresses
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


class Pages:
    """Templates of one folder, with the words of each language; the first language is the default.

    Values are escaped; a value or word that is missing is an error, not a blank.
    """

    def __init__(self, templates: Path, words: Mapping[str, Mapping[str, str]]) -> None:
        self._words = words
        self._default = next(iter(words))
        self._environment = Environment(
            loader=FileSystemLoader(templates),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def render(
        self, request: Request, template: str, /, status: int = 200, **values: Any
    ) -> HTMLResponse:
        """A page; templates find `request`, `lang` and `t(key, **values)` beside `values`."""
        language = self.language(request)
        text = self.text(language, template, request=request, **values)
        headers = {
            "Content-Security-Policy": PAGE_POLICY,
            "Content-Language": language,
            "Vary": "Accept-Language",
        }
        return HTMLResponse(text, status, headers)

    def text(self, language: str, template: str, /, **values: Any) -> str:
        """A page for nobody's request, in a language of ours."""
        words = self._words[language]

        def t(key: str, **parts: Any) -> str:
            return words[key].format(**parts)

        return self._environment.get_template(template).render(lang=language, t=t, **values)

    def language(self, request: Request) -> str:
        """`?lang=` if it is one of ours, else the best of `Accept-Language`, else the default."""
        asked = request.query_params.get("lang")
        if asked is not None and asked in self._words:
            return asked
        header = request.headers.get("accept-language", "")
        wishes = sorted(_wishes(header), key=lambda wish: wish[1], reverse=True)
        return next((tag for tag, q in wishes if q > 0 and tag in self._words), self._default)

    def missing_words(self) -> set[str]:
        """Keys that one language has and another lacks; empty, as a test of the service shows."""
        every = {key for words in self._words.values() for key in words}
        return {key for key in every if any(key not in words for words in self._words.values())}


def _wishes(header: str) -> list[tuple[str, float]]:
    wishes = []
    for part in header.split(",")[:20]:
        tag, _, quality = part.partition(";")
        try:
            wishes.append((tag.strip().lower().partition("-")[0], float(quality[2:] or 1)))
        except ValueError:
            continue
    return wishes
