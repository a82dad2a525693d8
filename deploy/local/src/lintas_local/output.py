"""How commands answer: tables for people, JSON for programs, one line when something is wrong."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from lintas.config import SettingsError
from lintas_local.client import CallFailed
from lintas_local.stack import StackProblem

#: something is wrong with what was asked or with the machine; wrong usage is 2
FAILED = 1

AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON, for programs.")]

people = Console()
errors = Console(stderr=True)


def say_json(value: object) -> None:
    """Print one JSON document."""
    sys.stdout.write(json.dumps(value, indent=1, ensure_ascii=False) + "\n")


def say_rows(title: str, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Print a table; a column is headed by its name and shows the member of that name."""
    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*("" if row.get(name) is None else _words(row[name]) for name in columns))
    people.print(table)


def _words(value: object) -> str:
    return ", ".join(str(part) for part in value) if isinstance(value, list) else str(value)


@contextmanager
def told() -> Iterator[None]:
    """Turn what commands may meet into one line on standard error and exit status 1."""
    try:
        yield
    except (StackProblem, SettingsError, CallFailed) as problem:
        errors.print(
            f"[bold red]lintas:[/] {_escaped(str(problem))}", highlight=False, soft_wrap=True
        )
        raise typer.Exit(FAILED) from None


def _escaped(text: str) -> str:
    return text.replace("[", "\\[")
