import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Annotated, Any

import orjson
import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from ingest.app import files
from lintas_local.client import Service
from lintas_local.importing import (
    Imported,
    hand_in,
    import_history,
    load_history_mapping,
    load_mapping,
    rejected_rows,
)
from lintas_local.importing.run import MOST_SHOWN
from lintas_local.output import FAILED, AsJson, errors, people, say_json, say_rows, told
from lintas_local.pack import PackInvalid
from lintas_local.stack import StackProblem

_WRONG_USAGE = 2


def import_(
    source: Annotated[
        Path, typer.Argument(help="A file of CSV, XLSX or NDJSON, packed by gzip or not.")
    ],
    *,
    mapping: Annotated[
        Path | None,
        typer.Option(
            help="What its columns mean (deploy/packs/mapping.schema.json);"
            " as its headings suggest, if absent."
        ),
    ] = None,
    history: Annotated[
        bool, typer.Option("--history", help="Past complaints, with their times and answers.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only check every row, and show what it would become.")
    ] = False,
    name: Annotated[
        str | None, typer.Option("--source", help="Whose row ids these are, such as `call-center`.")
    ] = None,
    zone: Annotated[
        str | None,
        typer.Option(help='Where times without an offset were written: "+07:00", Asia/Jakarta.'),
    ] = None,
    channel: Annotated[
        str | None, typer.Option(help="Where people spoke, for rows that do not say.")
    ] = None,
    anonymity: Annotated[
        str | None, typer.Option(help="open, anonymous or secret, for rows that do not say.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Write every rejected row here: line, field, expected.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Read complaints from a file into running services, each row once.

    They are today's work: live, received now, posted when the file says. With --history they are
    past: no timer starts, nothing is delivered and nothing is promised. Running it again changes
    nothing: a run that was cut goes on where it stopped. Ends with 1 if a row was rejected.
    """
    wishes = {"source": name, "zone": zone, "channel": channel, "anonymity": anonymity}
    if history and (mapping is None or dry_run or any(wishes.values())):
        errors.print(
            "[bold red]lintas:[/] --history needs --mapping, which says all about the file;"
            " it knows no --dry-run"
        )
        raise typer.Exit(_WRONG_USAGE)
    with told(), _readable(), _written(report) as file, _bar() as progress:
        if history and mapping is not None:
            rejected = _past(source, mapping, file, progress, report, as_json=as_json)
        else:
            rejected = _live(
                source, mapping, wishes, file, progress, report, dry_run=dry_run, as_json=as_json
            )
    if rejected:
        raise typer.Exit(FAILED)


def _live(
    source: Path,
    mapping: Path | None,
    wishes: Mapping[str, str | None],
    file: IO[bytes] | None,
    progress: "_Bar",
    report: Path | None,
    *,
    dry_run: bool,
    as_json: bool,
) -> int:
    with Service.of("ingest", os.environ) as ingest:
        done = hand_in(
            source,
            ingest,
            mapping=load_mapping(mapping) if mapping else None,
            dry_run=dry_run,
            progress=progress.told,
            **wishes,
        )
        most = None if file else MOST_SHOWN
        found = rejected_rows(ingest, done["import_id"], most=most) if done["rejected"] else []
    progress.end()
    rejections = [
        {"line": row["row"], "field": error["column"], "expected": error["expected"]}
        for row in found
        for error in row["errors"]
    ]
    if file:
        file.writelines(orjson.dumps(one, option=orjson.OPT_APPEND_NEWLINE) for one in rejections)
    done["rejections"] = rejections[:MOST_SHOWN]
    if as_json:
        say_json(done)
    else:
        _say_live(done, report, dry_run=dry_run)
    return int(done["rejected"])


def _say_live(done: Mapping[str, Any], report: Path | None, *, dry_run: bool) -> None:
    if dry_run:
        _say_preview(done["preview"])
    became = "would be new complaints" if dry_run else "are new complaints"
    people.print(
        f"[green]●[/] {done['accepted']} of {done['rows']} rows {became},"
        f" {done['duplicate']} are known or repeated, {done['rejected']} rejected"
    )
    _say_rejections(done["rejected"], done["rejections"], report)


def _say_preview(preview: Mapping[str, Any]) -> None:
    mapping = preview["mapping"]
    people.print(
        f"{preview['format']}, {len(preview['columns'])} columns;"
        f" row ids of {mapping['source']}, times of {mapping['times']['zone']}"
    )
    meanings = [
        {"field": name, "column": column}
        for name, column in ((name, _column(told)) for name, told in mapping.items())
        if column and name not in ("source", "times", "format", "encoding", "delimiter")
    ]
    say_rows("What the columns mean", ("field", "column"), meanings)
    shown = [{"row": row["row"], **row["mention"]} for row in preview["rows"] if row["mention"]]
    columns = ("row", "external_id", "posted_at", "channel", "class", "anonymity")
    say_rows("The first rows", columns, shown)


def _column(told: Any) -> str:
    """How a part of a mapping names its column; empty where it reads none."""
    match told:
        case {"column": str(column)}:
            return column
        case dict():
            return ", ".join(filter(None, map(_column, told.values())))
        case list():
            return ", ".join(
                f"({' or '.join(part)})" if isinstance(part, list) else part for part in told
            )
    return f"{told}" if told else ""


def _past(
    source: Path,
    mapping: Path,
    file: IO[bytes] | None,
    progress: "_Bar",
    report: Path | None,
    *,
    as_json: bool,
) -> int:
    known = load_history_mapping(mapping)
    with (
        Service.of("ingest", os.environ) as ingest,
        Service.of("agency-gateway", os.environ) as gateway,
    ):
        done = import_history(source, known, ingest, gateway, report=file, progress=progress.told)
    progress.end()
    if as_json:
        say_json(done.to_json())
    else:
        _say_past(done, report)
    return done.rejected


def _say_past(done: Imported, report: Path | None) -> None:
    shown = done.to_json()
    people.print(
        f"[green]●[/] {done.accepted} of {done.rows} rows are complaints here"
        f" ({done.opened} opened, {done.waiting} on their way, {done.unchanged} known before),"
        f" {shown['rows_per_s']} rows/s"
    )
    _say_rejections(done.rejected, shown["rejections"], report)


def _say_rejections(number: int, rejections: list[Mapping[str, Any]], report: Path | None) -> None:
    if number:
        say_rows(f"{number} rows rejected", ("line", "field", "expected"), rejections)
        people.print(f"All of them: {report}" if report else "--report FILE writes all of them")


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except (PackInvalid, files.SourceUnreadable) as wrong:
        raise StackProblem(str(wrong)) from None


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


class _Bar:
    """A bar that begins with the first row, so that none stands empty above an error."""

    def __init__(self) -> None:
        self._bar = Progress(
            TextColumn("{task.fields[rows]} rows"),
            BarColumn(),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            console=errors,
        )
        self._task = self._bar.add_task("", total=1.0, rows=0)

    def told(self, share: float, rows: int) -> None:
        """So much of the file is read."""
        if rows:
            self._bar.start()
            self._bar.update(self._task, completed=share, rows=rows)

    def end(self) -> None:
        """Leave the bar as it is."""
        if self._bar.live.is_started:
            self._bar.stop()


@contextmanager
def _bar() -> Iterator[_Bar]:
    bar = _Bar()
    try:
        yield bar
    finally:
        bar.end()
