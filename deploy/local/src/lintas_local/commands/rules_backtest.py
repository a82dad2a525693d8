import os
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from lintas_local.client import Service
from lintas_local.commands.rules import bar, readable, zone_of
from lintas_local.output import AsJson, people, say_json, say_rows, told
from lintas_local.rules.backtesting import Span, on_corpus, on_file, summary
from lintas_local.rules.labelled import Columns, read_labelled
from lintas_local.rules.models import ModelFiles, read_models
from lintas_local.stack import StackProblem
from router.app import backtest_page

_MOST_SHOWN = 15


def backtest(
    candidate: Annotated[
        str, typer.Argument(help="A pack by name or folder, a rule set file, or a stored version.")
    ],
    *,
    file: Annotated[
        Path | None, typer.Option(help="Not on the router's corpus, but on this labelled file.")
    ] = None,
    label: Annotated[str | None, typer.Option(help="Its column with the right agency.")] = None,
    text: Annotated[list[str] | None, typer.Option(help="Its column with the text.")] = None,
    time: Annotated[str | None, typer.Option(help="Its column with the time.")] = None,
    without: Annotated[
        list[str] | None, typer.Option(help="Leave out its rows with this label; repeatable.")
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            help="in_force (default) or recorded; for a file, other rules like CANDIDATE."
        ),
    ] = None,
    since: Annotated[datetime | None, typer.Option(help="Complaints received since.")] = None,
    until: Annotated[datetime | None, typer.Option(help="Complaints received before.")] = None,
    zone: Annotated[
        str, typer.Option(help='Where times without an offset were written: "+07:00".')
    ] = "Asia/Jakarta",
    html: Annotated[Path | None, typer.Option(help="Write the report as a page.")] = None,
    model: ModelFiles = None,
    language: Annotated[str, typer.Option(help="Of the page: id or en.")] = "id",
    as_json: AsJson = False,
) -> None:
    """Hold candidate rules against what became of complaints: what would change, and is it better?

    Interrupting it cancels a backtest of the router.
    """
    with told(), readable(), bar() as progress:
        if language not in {"id", "en"}:
            raise StackProblem("--language is unknown", "Expected is id or en")
        zoned = zone_of(zone)
        if file is None:
            if model:
                raise StackProblem("--model goes with --file", "The router has its own")
            span = Span(
                since and since.replace(tzinfo=zoned),
                until and until.replace(tzinfo=zoned),
                against or "in_force",
            )
            with Service.of("router", os.environ) as router:
                found, _ = on_corpus(router, candidate, span, progress("backtest"))
        else:
            if label is None or not text:
                raise StackProblem("--file needs more", "Expected are --label and --text")
            columns = Columns(label, tuple(text), time, zoned)
            labelled = read_labelled(
                file, columns, without=without or (), progress=progress("reading")
            )
            found = on_file(labelled, candidate, against, progress("deciding"), read_models(model))
    if html is not None:
        html.write_text(backtest_page(found, language), encoding="utf-8")
    if as_json:
        say_json(found)
    else:
        _say(found, html)


def _say(found: dict[str, Any], html: Path | None) -> None:
    result = found["result"]
    loads = [
        {**one, "agency": one["agency"] or "(nobody)", "change": one["after"] - one["before"]}
        for one in result["loads"][:_MOST_SHOWN]
    ]
    say_rows("Load", ("agency", "before", "after", "change"), loads)
    before = {one["label"]: one for one in result["before"]["labels"]}
    agencies = [
        {
            "agency": one["label"],
            "rows": one["rows"],
            "precision": _pair(before[one["label"]], one, "precision"),
            "recall": _pair(before[one["label"]], one, "recall"),
        }
        for one in result["after"]["labels"][:_MOST_SHOWN]
    ]
    say_rows("Agencies, before → after", ("agency", "rows", "precision", "recall"), agencies)
    confusions = result["after"]["confusions"][:_MOST_SHOWN]
    say_rows("Confusions of the candidate", ("label", "predicted", "rows"), confusions)
    flips = [
        {**flip, "words": [mark["term"] for mark in flip["marks"]]}
        for flip in result["flips"][:_MOST_SHOWN]
    ]
    columns = ("complaint_id", "before", "after", "final", "rule", "words")
    say_rows("Some decisions that change", columns, flips)
    people.print(f"[green]●[/] {summary(found)}", highlight=False)
    if html is not None:
        people.print(f"Report: {html}", highlight=False)


def _pair(before: dict[str, Any], after: dict[str, Any], name: str) -> str:
    return f"{before[name]:.3f} → {after[name]:.3f}"
