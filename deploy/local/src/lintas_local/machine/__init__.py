"""What `make setup` puts on a machine: Java, Maven, Chromium, Kafka's jars."""

from lintas_local.machine.jars import fetch_jars, jars_in_place, lock_jars
from lintas_local.machine.tools import ensure_browser, ensure_curl, ensure_java, ensure_maven

__all__ = [
    "ensure_browser",
    "ensure_curl",
    "ensure_java",
    "ensure_maven",
    "fetch_jars",
    "jars_in_place",
    "lock_jars",
]
