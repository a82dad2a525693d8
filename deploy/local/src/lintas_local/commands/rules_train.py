import os
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from lintas_local.applying import pack_folder
from lintas_local.client import Service
from lintas_local.commands.rules import bar, readable, zone_of
from lintas_local.output import AsJson, people, say_json, told
from lintas_local.pack import load_pack
from lintas_local.rules.labelled import Columns, read_labelled
from lintas_local.rules.related import related
from lintas_local.rules.settled import read_settled
from lintas_local.rules.teaching import taught
from lintas_local.stack import StackProblem

_CORPUS = "Without one it learns from the corpus, whose columns are known"


def train(
    file: Annotated[
        Path | None,
        typer.Argument(
            help="A file of CSV, XLSX or NDJSON, packed by gzip or not. Without one: the router's"
            " corpus, settled complaints with the agency that led in the end."
        ),
    ] = None,
    *,
    label: Annotated[str | None, typer.Option(help="Its column that says what is right.")] = None,
    text: Annotated[
        list[str] | None,
        typer.Option(help="Its column with the text; several are joined by line breaks."),
    ] = None,
    pack: Annotated[
        str,
        typer.Option(help="Whose terms it knows: a pack of deploy/packs by its name, or a folder."),
    ] = "indonesia",
    out: Annotated[Path | None, typer.Option(help="Where to write the model.")] = None,
    without: Annotated[
        list[str] | None, typer.Option(help="Leave out the rows with this label; repeatable.")
    ] = None,
    time: Annotated[
        str | None, typer.Option(help="Its column with the time, for the model's card.")
    ] = None,
    since: Annotated[datetime | None, typer.Option(help="Of the corpus, received since.")] = None,
    until: Annotated[datetime | None, typer.Option(help="Of the corpus, received before.")] = None,
    zone: Annotated[
        str, typer.Option(help='Where times without an offset were written: "+07:00".')
    ] = "Asia/Jakarta",
    folds: Annotated[
        int, typer.Option(min=2, max=50, help="In how many parts to measure what it is worth.")
    ] = 5,
    seed: Annotated[int, typer.Option(min=0, help="Equal rows and seed: equal bytes.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Train a model that suggests labels for texts, and measure it on rows it has not seen.

    The model holds words and pairs of words that several texts share, so keep it as you keep those.
    """
    with told(), readable(), bar() as progress:
        zoned, reading = zone_of(zone), progress("reading")
        if file is None:
            if label or text or time:
                raise StackProblem("--label, --text and --time go with a FILE", _CORPUS)
            with Service.of("router", os.environ) as router:
                labelled = read_settled(
                    router,
                    since=since and since.replace(tzinfo=zoned),
                    until=until and until.replace(tzinfo=zoned),
                    without=without or (),
                    progress=reading,
                )
        elif label is None or not text:
            raise StackProblem("a FILE needs more", "Expected are --label and --text")
        else:
            columns = Columns(label, tuple(text), time, zoned)
            labelled = read_labelled(file, columns, without=without or (), progress=reading)
        model = taught(
            labelled,
            related(load_pack(pack_folder(pack))),
            number=folds,
            seed=seed,
            progress=progress("learning"),
        )
    data = model.to_bytes()
    if out is not None:
        out.write_bytes(data)
    if as_json:
        say_json({"version": model.version, "bytes": len(data), "card": model.card})
        return
    measured = model.card["measured"]
    people.print(
        f"[green]●[/] model {model.version}, {len(data)} bytes, from {model.card['rows']} rows:"
        f" accuracy {measured['accuracy']}, macro-F1 {measured['macro_f1']},"
        f" coverage at {', '.join(f'{k} accuracy: {v}' for k, v in measured['coverage_at'].items())}"
        f" ({measured['folds']} folds){'' if out is None else f'; written to {out}'}",
        highlight=False,
    )
