"""The city the load plays in: a few offices, each asked for by a word of its own."""

import shutil
from pathlib import Path
from typing import Any

import yaml

from lintas_local.layout import PACKS

#: an office's code is also the word that leads to it
AGENCIES = ("alfa", "beta", "gama", "delta")
#: this word and an office's word: the next office contributes
TOGETHER = "bersama"


def contributor_of(agency: str) -> str:
    """Who helps an office when it is asked for together with its neighbour."""
    return AGENCIES[(AGENCIES.index(agency) + 1) % len(AGENCIES)]


def write_pack(folder: Path) -> Path:
    """The example pack with the offices above instead of its own."""
    shutil.copytree(PACKS / "example", folder)
    agencies = _read(folder / "agencies.yaml")
    office = agencies["agencies"][0]
    agencies["agencies"] = [
        {**office, "code": code, "name": {"id": f"Dinas {code}", "en": f"Office {code}"}}
        for code in AGENCIES
    ]
    _write(folder / "agencies.yaml", agencies)
    categories = _read(folder / "categories.yaml")
    for category in categories["categories"]:
        category["agency"] = AGENCIES[0]
    _write(folder / "categories.yaml", categories)
    rules = _read(folder / "rules.yaml")
    rules["rules"] = [rule for code in AGENCIES for rule in _rules(code)]
    _write(folder / "rules.yaml", rules)
    return folder


def _rules(code: str) -> list[dict[str, Any]]:
    alone = {"id": f"asks_{code}", "category": "garbage", "lead": code, "weight": 2, "any": [code]}
    helper = {"agency": contributor_of(code), "reason": "its neighbour"}
    together = {"contributors": [helper], "weight": 3, "all": [TOGETHER]}
    return [alone, alone | together | {"id": f"asks_{code}_together"}]


def _read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content


class _Plain(yaml.SafeDumper):
    """A pack says everything where it is read; no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _write(path: Path, content: dict[str, Any]) -> None:
    path.write_text(yaml.dump(content, Dumper=_Plain, sort_keys=False), encoding="utf-8")
