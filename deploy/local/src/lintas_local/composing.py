"""The files docker-compose.yml mounts as secrets: the stack's own, and addresses with passwords."""

import os
from pathlib import Path

from lintas_local.layout import Home
from lintas_local.stack.databases import ServiceDatabase
from lintas_local.stack.keys import KeyFolder
from lintas_local.stack.postgres import SUPERUSER
from lintas_local.stack.secrets import SecretFolder, write_private
from lintas_local.stack.services import KEYS, PACKAGES

#: the user of our images
CONTAINER_USER = 10_001
_SERVER = "postgres:5432"
_ENVIRONMENT = "local"


def make_compose_files(home: Home) -> list[Path]:
    """Make what is missing and return all of it; where we are root it belongs to the containers' user."""
    secrets = SecretFolder(home.secrets)
    keys = KeyFolder(home.keys, secrets, environment=_ENVIRONMENT)
    keys.make_ready()
    for name in {name for names in KEYS.values() for name in names}:
        secrets.key(name)
    admin = f"postgresql://{SUPERUSER}:{secrets.password(SUPERUSER)}@{_SERVER}/postgres"
    write_private(home.secrets / "admin.database_url", admin + "\n")
    for service in PACKAGES:
        database = ServiceDatabase.of(
            service,
            owner_password=secrets.password(f"{service}.owner"),
            role_password=secrets.password(service),
        )
        write_private(home.secrets / f"{service}.database_url", database.url(admin) + "\n")
    made = sorted([*home.secrets.iterdir(), *home.keys.iterdir()])
    if os.geteuid() == 0:
        for path in (home.secrets, home.keys, *made):
            os.chown(path, CONTAINER_USER, CONTAINER_USER)
    return made
