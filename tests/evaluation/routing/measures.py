"""What is measured of the general pack on real reports, and what must be reached at least.

The sets are nobody's but their authors': they are read where they lie, and only scores are told.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.beside import DATA
from typer.testing import CliRunner

from lintas_local.app import main
from lintas_local.layout import PACKS

#: what one office of a region answers; not the districts, the secretariat and what nobody got
NO_OFFICE = ("KECAMATAN", "KELURAHAN", "SETDA_LAIN", "UNROUTED")
_OFFICES = tuple(word for label in NO_OFFICE for word in ("--without", label))
_TITLE = ("--text", "title")
_IN_BANDUNG = ("--overlay", str(PACKS / "overlays" / "kabupaten-bandung"), "--time", "created")


@dataclass(frozen=True, slots=True)
class Measure:
    """One run of `lintas rules evaluate`."""

    what: str
    name: str
    label: str
    options: tuple[str, ...]
    #: of the accuracy; no answer counts as wrong
    floor: float

    @property
    def file(self) -> Path:
        """The set, which may be absent."""
        return DATA / self.name / "dev.jsonl"

    def scores(self) -> dict[str, Any]:
        """What the command tells in JSON."""
        asked = ["rules", "evaluate", str(self.file), "--label", self.label, "--text", "text"]
        result = CliRunner().invoke(main, [*asked, "--json", *self.options])
        assert result.exit_code == 0, result.output
        found: dict[str, Any] = json.loads(result.stdout)
        return found


def _office(what: str, name: str, floor: float, *options: str) -> Measure:
    return Measure(what, name, "agency_canon", (*options, *_OFFICES), floor)


MEASURES = (
    _office("Kabupaten Bandung", "kabbdg_sp4n", 0.78),
    _office("with its title", "kabbdg_sp4n", 0.79, *_TITLE),
    _office("with its overlay, by date", "kabbdg_sp4n", 0.82, *_IN_BANDUNG),
    _office("with both", "kabbdg_sp4n", 0.84, *_TITLE, *_IN_BANDUNG),
    _office("Samarinda", "samarinda_sp4n", 0.78),
    _office("with its title", "samarinda_sp4n", 0.80, *_TITLE),
    _office("Surabaya", "sby_mediacenter", 0.79),
    Measure(
        "Tweets to Bandung: complaint, report, other",
        "bandung_tweets",
        "kind",
        ("--of", "class", "--called", "agency_reply=own_post"),
        0.62,
    ),
)
