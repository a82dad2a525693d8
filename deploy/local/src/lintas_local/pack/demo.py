"""The demo day of a pack: what people say in it, and what simulated officers answer."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from lintas_local.pack.loading import parse
from lintas_local.pack.models.fields import Channel, Code, Key, PackModel, Text
from lintas_local.pack.problems import PackInvalid, Problem
from lintas_local.pack.reading import read_yaml

_DAY_S = 86_400
_MENTIONS = "demo/mentions.ndjson"
_ANSWERS = "demo/answers.yaml"
_DAY = re.compile(r"\{day\+(\d{1,3})\}")
_SATURDAY = 5
_MONTHS = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni",
    "Juli", "Agustus", "September", "Oktober", "November", "Desember",
)  # fmt: skip


class Expected(PackModel):
    """What the router should make of a mention."""

    mention_class: Literal[
        "complaint", "aspiration", "information_request", "own_post", "other"
    ] = Field(alias="class")
    #: the lead first, then the contributors; empty for triage and no action
    agencies: tuple[Code, ...]
    outcome: Literal["routed", "triage", "no_action"]


class DemoFields(PackModel):
    """What the demo needs beside the mention; never sent."""

    #: when it is posted, counted from 06:00 of the day
    at_s: int = Field(ge=0, lt=_DAY_S)
    expect: Expected
    #: what it shows, such as `redelivery`, `burst:flood-1`, `pro`, `contra`
    note: Text | None = None


class Author(PackModel):
    """As in `POST /v1/mentions`."""

    handle: Text | None = None
    name: Text | None = None
    phone: Text | None = None
    email: Text | None = None
    stakeholder: Literal["citizen", "community_leader", "investor", "media", "ngo"] | None = None


class Location(PackModel):
    """As in `POST /v1/mentions`."""

    lat: float | None = None
    lon: float | None = None
    address: Text | None = None


class DemoMention(PackModel):
    """One line of `demo/mentions.ndjson`: a body of `POST /v1/mentions`, and `demo`."""

    channel: Channel
    account: Text
    external_id: Text
    text: Text
    author: Author | None = None
    location: Location | None = None
    anonymity: Literal["open", "anonymous", "secret"] | None = None
    stated_class: str | None = Field(default=None, alias="class")
    demo: DemoFields

    def body(self) -> dict[str, Any]:
        """What to send to `POST /v1/mentions`."""
        return self.model_dump(mode="json", by_alias=True, exclude={"demo"}, exclude_none=True)


class DemoAnswer(PackModel):
    """What simulated officers write about one category."""

    #: the lead's full text
    answer: Text
    #: what a contributor adds
    contribution: Text
    #: the lead's full text where somebody only asks
    information: Text | None = None


class AnswersFile(PackModel):
    """`demo/answers.yaml`. In the file `{day+3}` stands for a date, counted from the demo day."""

    #: by category
    answers: dict[Key, DemoAnswer]
    #: by mention class, before the category is looked at
    by_class: dict[Key, Text]
    #: for a category without an answer of its own, and for triage
    fallback: DemoAnswer

    def answer(self, category: str | None, mention_class: str) -> str:
        """The lead's text for a complaint of this category and class."""
        about = self.answers.get(category or "", self.fallback)
        asked = about.information if mention_class == "information_request" else None
        return self.by_class.get(mention_class) or asked or about.answer

    def contribution(self, category: str | None) -> str:
        """A contributor's text for a complaint of this category."""
        return self.answers.get(category or "", self.fallback).contribution


def load_mentions(folder: Path) -> list[DemoMention]:
    """The demo day of the pack in `folder` by time; raises PackInvalid with every bad line."""
    mentions: list[DemoMention] = []
    problems: list[Problem] = []
    for number, line in enumerate((folder / _MENTIONS).read_bytes().splitlines(), start=1):
        try:
            mentions.append(DemoMention.model_validate_json(line))
        except ValidationError as error:
            problems.extend(
                Problem(_MENTIONS, number, ".".join(map(str, detail["loc"])), detail["msg"])
                for detail in error.errors(include_url=False, include_input=False)
            )
    if problems:
        raise PackInvalid(problems)
    return sorted(mentions, key=lambda mention: mention.demo.at_s)


def load_answers(folder: Path, today: date | None = None) -> AnswersFile:
    """What the simulated officers of the pack in `folder` write, with dates counted from `today`.

    Without `today` it is the day now in UTC. A date on a weekend moves on to Monday.
    """
    source = read_yaml(folder / _ANSWERS, _ANSWERS)
    dated = _dated(source.value, today or datetime.now(UTC).date())
    return parse(replace(source, value=dated), AnswersFile)


def _dated(value: Any, today: date) -> Any:
    if isinstance(value, dict):
        return {key: _dated(item, today) for key, item in value.items()}
    if isinstance(value, str):
        return _DAY.sub(lambda match: _written(today + timedelta(days=int(match[1]))), value)
    return value


def _written(day: date) -> str:
    while day.weekday() >= _SATURDAY:
        day += timedelta(days=1)
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
