from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import tzinfo
from functools import reduce
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from ingest.app import files
from lintas_local.applying import pack_folder
from lintas_local.commands.rules_backtests import backtests
from lintas_local.commands.rules_diff import diff
from lintas_local.commands.rules_explain import explain
from lintas_local.commands.rules_history import history
from lintas_local.commands.rules_lint import lint
from lintas_local.commands.rules_model import model
from lintas_local.commands.rules_publish import publish
from lintas_local.commands.rules_withdraw import withdraw
from lintas_local.output import FAILED, AsJson, errors, people, say_json, say_rows, told
from lintas_local.pack import PackInvalid, load_pack
from lintas_local.pack import overlay as laid_over
from lintas_local.rules.deciding import Aspect
from lintas_local.rules.evaluation import Evaluation, Wrong, by_model, by_pack
from lintas_local.rules.folds import ALIKE
from lintas_local.rules.labelled import Columns, Labelled, read_labelled
from lintas_local.rules.models import ModelFiles, read_models
from lintas_local.rules.related import related
from lintas_local.rules.training import Untrainable
from lintas_local.stack import StackProblem

commands = typer.Typer(no_args_is_help=True, help="Routing rules: held against what was right.")
for _command in (lint, explain, model, publish, withdraw, history, diff, backtests):
    commands.command()(_command)

_MOST_SHOWN = 20
_ZONE = "Asia/Jakarta"


@commands.command()
def evaluate(
    file: Annotated[
        Path, typer.Argument(help="A file of CSV, XLSX or NDJSON, packed by gzip or not.")
    ],
    *,
    label: Annotated[str, typer.Option(help="The column that says what is right.")],
    text: Annotated[
        list[str], typer.Option(help="The column with the text; several are joined by line breaks.")
    ],
    pack: Annotated[
        str,
        typer.Option(
            help="Whose rules, and whose terms a model knows: a pack of deploy/packs by its name,"
            " or a folder."
        ),
    ] = "indonesia",
    overlay: Annotated[
        list[Path] | None,
        typer.Option(help="A folder with rules of one region, laid over the pack; repeatable."),
    ] = None,
    named: ModelFiles = None,
    train: Annotated[
        Path | None,
        typer.Option(help="Not by rules, but by a model that learns from this file."),
    ] = None,
    folds: Annotated[
        int | None,
        typer.Option(min=2, max=50, help="By models that each learn from the other folds of FILE."),
    ] = None,
    alike: Annotated[
        float,
        typer.Option(
            min=0.1,
            max=1.0,
            help="Texts that share so much of their words are in one fold; 1: all their words.",
        ),
    ] = ALIKE,
    without: Annotated[
        list[str] | None, typer.Option(help="Leave out the rows with this label; repeatable.")
    ] = None,
    called: Annotated[
        list[str] | None,
        typer.Option(help="What the pack calls a label: agency_reply=own_post; repeatable."),
    ] = None,
    of: Annotated[Aspect, typer.Option(help="What of a decision the label names.")] = Aspect.AGENCY,
    time: Annotated[
        str | None,
        typer.Option(
            help="The column with the time; the rules of that day decide. Now, if absent."
        ),
    ] = None,
    zone: Annotated[
        str,
        typer.Option(help='Where times without an offset were written: "+07:00", Asia/Jakarta.'),
    ] = _ZONE,
    wrong: Annotated[
        int,
        typer.Option("--errors", min=0, help="Show so many wrong rows, the surest first, and why."),
    ] = 0,
    as_json: AsJson = False,
) -> None:
    """Hold rules, or a model that learns, against a file of which somebody said what is right.

    No answer counts as wrong. Labels and codes are compared by letters and digits alone:
    UKM_DAGANG is ukm-dagang. Ends with 1 if a row could not be read.
    """
    with told(), readable(), bar() as progress:
        columns = Columns(label, tuple(text), time, zone_of(zone))
        read = _reader(columns, without or (), names(called or ()), progress)
        labelled = read(file)
        loaded = reduce(laid_over, overlay or (), load_pack(pack_folder(pack)))
        if train is None and folds is None:
            done = by_pack(labelled, loaded, of, progress("deciding"), read_models(named))
        else:
            teacher = None if train is None or train.resolve() == file.resolve() else read(train)
            done = by_model(
                labelled,
                teacher,
                progress("learning"),
                related=related(loaded),
                number=folds or 5,
                alike=alike,
            )
    wrongs = done.wrong(wrong)
    if as_json:
        say_json(_document(file, labelled, done, wrongs))
    else:
        _say(labelled, done, wrongs)
    if labelled.rejections:
        raise typer.Exit(FAILED)


def _reader(
    columns: Columns, without: Collection[str], called: Mapping[str, str], progress: "_Steps"
) -> Callable[[Path], Labelled]:
    def read(path: Path) -> Labelled:
        return read_labelled(
            path, columns, without=without, called=called, progress=progress("reading")
        )

    return read


def names(called: Collection[str]) -> dict[str, str]:
    """Labels and what they are called, of `LABEL=NAME`; StackProblem where that is not so."""
    pairs = [one.partition("=")[::2] for one in called]
    if any(not label.strip() or not name.strip() for label, name in pairs):
        raise StackProblem("--called names no label", "Expected is LABEL=NAME, such as reply=other")
    return {label: name.strip() for label, name in pairs}


def zone_of(name: str) -> tzinfo:
    """The time zone of that name; StackProblem if there is none."""
    zone = files.zone_named(name)
    if zone is None:
        raise StackProblem(
            "--zone is no time zone", 'Expected is an offset ("+07:00") or a name (Asia/Jakarta)'
        )
    return zone


def _document(
    file: Path, labelled: Labelled, done: Evaluation, wrongs: Sequence[Wrong]
) -> dict[str, Any]:
    return {
        "file": str(file),
        "by": done.by,
        **done.scores.to_json(),
        "unlabelled": labelled.unlabelled,
        "left_out": labelled.left_out,
        "rejected": len(labelled.rejections),
        "rejections": [asdict(one) for one in labelled.rejections[:_MOST_SHOWN]],
        "errors": [asdict(one) for one in wrongs],
    }


def _say(labelled: Labelled, done: Evaluation, wrongs: Sequence[Wrong]) -> None:
    scores = done.scores.to_json()
    say_rows("Labels", ("label", "rows", "precision", "recall", "f1"), scores["labels"])
    most = scores["confusions"][:_MOST_SHOWN]
    say_rows("Most frequent confusions", ("label", "predicted", "rows"), most)
    if wrongs:
        columns = ("line", "label", "predicted", "sure", "rule", "terms")
        rows = [asdict(one) | {"sure": round(one.sure, 2), "terms": [*one.terms]} for one in wrongs]
        say_rows("Wrong rows", columns, rows)
    if labelled.rejections:
        rejections = [asdict(one) for one in labelled.rejections[:_MOST_SHOWN]]
        number = len(labelled.rejections)
        say_rows(f"{number} rows cannot be read", ("line", "field", "expected"), rejections)
    people.print(
        f"[green]●[/] {scores['rows']} rows by {done.by}: accuracy {scores['accuracy']},"
        f" macro-F1 {scores['macro_f1']}, coverage {scores['coverage']}"
        f" (silent {scores['silent']}), {scores['answered_accuracy']} of the answers are right;"
        f" coverage at {', '.join(f'{k} accuracy: {v}' for k, v in scores['coverage_at'].items())}"
        f" [dim]({labelled.unlabelled} unlabelled, {labelled.left_out} left out)[/]",
        highlight=False,
    )


@contextmanager
def readable() -> Iterator[None]:
    """Turn what is wrong with a file or a pack into one line."""
    try:
        yield
    except (PackInvalid, files.SourceUnreadable) as wrong:
        raise StackProblem(str(wrong)) from None
    except Untrainable as little:
        raise StackProblem(str(little), "Expected are texts of two labels or more") from None


#: begins a step by its name; what it returns is told the share that is done, and how many rows
_Steps = Callable[[str], Callable[[float, int], None]]


@contextmanager
def bar() -> Iterator[_Steps]:
    """Bars that are gone when all is done, and never where nobody looks."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]} rows"),
        TimeElapsedColumn(),
        console=errors,
        transient=True,
        disable=not errors.is_terminal,
    ) as bar:

        def step(name: str) -> Callable[[float, int], None]:
            task = bar.add_task(name, total=1.0, rows=0)
            return lambda share, rows: bar.update(task, completed=share, rows=rows)

        yield step
