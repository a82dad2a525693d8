"""Trained models in files, for rules that name one and are asked without a service."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from lintas.vocabulary.errors import Invalid
from lintas_local.stack import StackProblem

ModelFiles = Annotated[
    list[Path] | None,
    typer.Option(
        "--model",
        help="The model that the rules name, as `lintas rules train` wrote it; repeatable.",
        exists=True,
        dir_okay=False,
    ),
]


def read_models(files: Sequence[Path] | None) -> list[bytes]:
    """What is in the files."""
    return [file.read_bytes() for file in files or ()]


@contextmanager
def usable(subject: str = "") -> Iterator[None]:
    """Turn what is wrong with rules, their model or what they are asked into one line."""
    try:
        yield
    except Invalid as refusal:
        parts = [refusal.detail, *(f"{one.pointer}: {one.detail}" for one in refusal.errors)]
        raise StackProblem(" ".join([f"{subject}:", *parts] if subject else parts)) from None
