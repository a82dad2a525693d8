from urllib.parse import urlsplit

import pytest

from lintas_local.stack import SERVICES, Stack
from lintas_local.stack.databases import ServiceDatabase


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_connects_as_its_restricted_role_to_its_own_database(tmp_path, service):
    stack = Stack(tmp_path, environ={})
    url = urlsplit(stack.environ(service)["LINTAS_DATABASE_URL"])
    assert url.scheme == "postgresql+asyncpg"
    assert url.path == f"/{url.username}"
    assert "LINTAS_DATABASE_OWNER_URL" not in stack.environ(service)
    owner = urlsplit(stack.environ(service, owner=True)["LINTAS_DATABASE_OWNER_URL"])
    assert owner.username == f"{url.username}_owner"
    assert owner.path == url.path


def test_nothing_is_touched_before_the_start(tmp_path):
    stack = Stack(tmp_path / "home", environ={})
    assert stack.kafka == "127.0.0.1:9092"
    assert stack.processes == {}
    assert not (tmp_path / "home").exists()


def test_what_the_operator_sets_reaches_the_service(tmp_path):
    environ = {"LINTAS_LOG_LEVEL": "debug", "LINTAS_PUBLIC_URL": "https://lapor.example"}
    told = Stack(tmp_path, environ=environ).environ("ingest")
    assert told["LINTAS_LOG_LEVEL"] == "debug"
    assert told["LINTAS_PUBLIC_URL"] == "https://lapor.example"


def test_a_secret_the_operator_sets_is_not_also_given_as_a_file(tmp_path):
    told = Stack(tmp_path, environ={"LINTAS_VAULT_KEY": "mine"}).environ("ingest")
    assert told["LINTAS_VAULT_KEY"] == "mine"
    assert "LINTAS_VAULT_KEY_FILE" not in told


def test_the_launchers_own_settings_stay_with_the_launcher(tmp_path):
    environ = {
        "LINTAS_DATABASE_URL": "postgresql://admin:2f9c1e@db.internal:5432/postgres",
        "LINTAS_OPERATOR_KEY": "lts_local_x",
        "LINTAS_PORTS": "18000",
        "LINTAS_HOME": str(tmp_path),
        "HOME": "/root",
    }
    told = Stack(environ=environ).environ("metrics")
    assert not {"LINTAS_OPERATOR_KEY", "LINTAS_PORTS", "LINTAS_HOME", "HOME"} & told.keys()
    assert urlsplit(told["LINTAS_DATABASE_URL"]).hostname == "db.internal"
    assert "2f9c1e" not in told["LINTAS_DATABASE_URL"]


def test_an_external_servers_options_are_kept_in_the_address():
    database = ServiceDatabase.of("router", owner_password="o", role_password="r")
    url = database.url("postgresql://admin:x@db:6432/postgres?sslmode=verify-full")
    assert url == "postgresql+asyncpg://lintas_router:r@db:6432/lintas_router?sslmode=verify-full"


def test_ports_follow_one_base(tmp_path):
    stack = Stack(tmp_path, environ={"LINTAS_PORTS": "18000"})
    assert stack.kafka == "127.0.0.1:18000"
    assert stack.addresses["metrics"] == "http://127.0.0.1:18006"
