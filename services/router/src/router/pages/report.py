"""The page of a backtest: one file without a script, so that it can be sent on as it is."""

import hashlib
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse

from lintas.web import Pages
from router.pages.words import WORDS
from router.schemas import BacktestOut, FlipOut, LoadOut, MeasuredOut

_FOLDER = Path(__file__).parent.parent / "templates"
_STYLE = (_FOLDER / "report.css").read_text(encoding="utf-8")
_POLICY = (
    "default-src 'none'; style-src 'sha256-"
    f"{b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'"
)
_PAGES = Pages(_FOLDER, WORDS)
LANGUAGES = tuple(WORDS)
_MOST_AGENCIES = 12
_MOST_CONFUSIONS = 20
_MOST_LOADS = 30
_WIDEST = 300


@dataclass(frozen=True, slots=True)
class Bar:
    """One agency's load, as text and as widths."""

    load: LoadOut
    before: int
    after: int

    @property
    def change(self) -> str:
        """With its sign."""
        return f"{self.load.after - self.load.before:+d}"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some of a text, and whether a rule matched it."""

    words: str
    term: str | None


def report(request: Request, shown: BacktestOut) -> HTMLResponse:
    """The page in the language of who asks."""
    language = _PAGES.language(request)
    headers = {"Content-Security-Policy": _POLICY, "Content-Language": language}
    return HTMLResponse(render(shown, language), headers=headers)


def render(shown: BacktestOut, language: str) -> str:
    """The page as text; `language` is one of LANGUAGES."""
    result = shown.result
    return _PAGES.text(
        language,
        "report.html",
        style=_STYLE,
        shown=shown,
        result=result,
        bars=_bars(result.loads[:_MOST_LOADS]) if result else (),
        matrix=_matrix(result.after) if result else None,
        agencies=_agencies(result.before, result.after) if result else (),
        confusions=result.after.confusions[:_MOST_CONFUSIONS] if result else (),
        pieces=_pieces,
    )


def problem(code: str, language: str) -> str:
    """Why a backtest failed, in a sentence; a code of another version as it is."""
    return WORDS[language].get(code, code)


def _bars(loads: Sequence[LoadOut]) -> list[Bar]:
    most = max((max(one.before, one.after) for one in loads), default=0) or 1
    return [Bar(one, one.before * _WIDEST // most, one.after * _WIDEST // most) for one in loads]


def _agencies(before: MeasuredOut, after: MeasuredOut) -> list[tuple[Any, Any]]:
    """The scores of each agency, before and after."""
    now = {one.label: one for one in before.labels}
    return [(now[one.label], one) for one in after.labels]


def _matrix(measured: MeasuredOut) -> tuple[list[str], list[tuple[str, list[int]]]]:
    """Who led in the end (rows) and whom the candidate names (columns); the largest agencies."""
    names = [one.label for one in measured.labels[:_MOST_AGENCIES]]
    cells: Mapping[tuple[str, str | None], int] = {
        **{(one.label, one.predicted): one.rows for one in measured.confusions},
        **{(one.label, one.label): round(one.recall * one.rows) for one in measured.labels},
    }
    rows = []
    for name in names:
        found = [cells.get((name, other), 0) for other in names]
        nobody = cells.get((name, None), 0)
        total = next(one.rows for one in measured.labels if one.label == name)
        rows.append((name, [*found, total - sum(found) - nobody, nobody]))
    return names, rows


def _pieces(flip: FlipOut) -> list[Piece]:
    """The text cut at what the rule matched; what overlaps is marked once."""
    text, pieces, at = flip.text or "", [], 0
    for mark in sorted(flip.marks, key=lambda one: (one.start, one.end)):
        if mark.start < at or mark.end > len(text):
            continue
        pieces += [
            Piece(text[at : mark.start], None),
            Piece(text[mark.start : mark.end], mark.term),
        ]
        at = mark.end
    return [piece for piece in (*pieces, Piece(text[at:], None)) if piece.words]
