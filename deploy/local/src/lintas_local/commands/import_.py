import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Annotated

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from lintas_local.client import Service
from lintas_local.importing import Imported, SourceUnreadable, import_history, load_mapping
from lintas_local.importing.run import Progress as Told
from lintas_local.output import FAILED, AsJson, errors, people, say_json, say_rows, told
from lintas_local.pack import PackInvalid
from lintas_local.stack import StackProblem

_WRONG_USAGE = 2


def import_(
    source: Annotated[Path, typer.Argument(help="A file of CSV or NDJSON, packed by gzip or not.")],
    *,
    mapping: Annotated[
        Path, typer.Option(help="What its columns mean (deploy/packs/mapping.schema.json).")
    ],
    history: Annotated[
        bool, typer.Option("--history", help="Past complaints, with their times and answers.")
    ] = False,
    report: Annotated[
        Path | None, typer.Option(help="Write every rejected row here: line, field, expected.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Read past complaints into running services, each row once, with the source's own times.

    No timer starts, nothing is delivered and nothing is promised. Running it again changes
    nothing: a run that was cut goes on where it stopped. Ends with 1 if a row was rejected.
    """
    if not history:
        errors.print("[bold red]lintas:[/] only --history can be imported")
        raise typer.Exit(_WRONG_USAGE)
    with (
        told(),
        Service.of("ingest", os.environ) as ingest,
        Service.of("agency-gateway", os.environ) as gateway,
        _written(report) as file,
        _bar(source) as progress,
    ):
        try:
            done = import_history(
                source, load_mapping(mapping), ingest, gateway, report=file, progress=progress
            )
        except (PackInvalid, SourceUnreadable) as wrong:
            raise StackProblem(str(wrong)) from None
    _show(done, report, as_json=as_json)
    if done.rejected:
        raise typer.Exit(FAILED)


def _show(done: Imported, report: Path | None, *, as_json: bool) -> None:
    if as_json:
        say_json(done.to_json())
        return
    shown = done.to_json()
    people.print(
        f"[green]●[/] {done.accepted} of {done.rows} rows are complaints here"
        f" ({done.opened} opened, {done.waiting} on their way, {done.unchanged} known before),"
        f" {shown['rows_per_s']} rows/s"
    )
    if done.rejected:
        say_rows(
            f"{done.rejected} rows rejected",
            ("line", "field", "expected"),
            shown["rejections"],
        )
        people.print(f"All of them: {report}" if report else "--report FILE writes all of them")


@contextmanager
def _written(report: Path | None) -> Iterator[IO[bytes] | None]:
    if report is None:
        yield None
        return
    try:
        with report.open("wb") as file:
            yield file
    except OSError as error:
        raise StackProblem(f"{report} cannot be written: {type(error).__name__}") from error


@contextmanager
def _bar(source: Path) -> Iterator[Told]:
    columns = (
        TextColumn("{task.fields[rows]} rows"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
    )
    size = source.stat().st_size if source.exists() else None
    with Progress(*columns, console=errors) as bar:
        task = bar.add_task("", total=size, rows=0)
        yield lambda read, rows: bar.update(task, completed=read, rows=rows)
