import os
from pathlib import Path
from typing import Annotated

import typer

from lintas_local.composing import CONTAINER_USER, make_compose_files
from lintas_local.layout import CHECKOUT, Home
from lintas_local.output import AsJson, people, say_json, told

_FOLDER = CHECKOUT / ".lintas" / "compose"


def secrets(
    folder: Annotated[
        Path, typer.Argument(help="Where docker-compose.yml looks for them.")
    ] = _FOLDER,
    *,
    as_json: AsJson = False,
) -> None:
    """Make the secrets, keys and addresses that docker-compose.yml mounts; kept where they exist.

    They belong to the user the containers run as: ours, or 10001 where we are root.
    """
    with told():
        made = make_compose_files(Home(folder.resolve()))
    user = CONTAINER_USER if os.geteuid() == 0 else os.geteuid()
    group = CONTAINER_USER if os.geteuid() == 0 else os.getegid()
    if as_json:
        say_json({"files": [str(path) for path in made], "user": user, "group": group})
        return
    people.print(f"[green]●[/] {len(made)} files in {folder}")
    if user != CONTAINER_USER:
        people.print(f"put into .env: LINTAS_UID={user} and LINTAS_GID={group}", highlight=False)
