"""One value, two ways of writing it: what XML says, JSON says."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from ingest.api.open311.rendering import SINGULAR, Form, answer

#: any text at all, so also what neither XML nor a screen can hold
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
SCALARS = st.none() | st.booleans() | TEXTS | st.integers(-999, 999) | st.floats(-180, 180)
NAMES = st.sampled_from(["service_code", "description", "lat", "status_notes"])
VALUES = st.recursive(
    st.dictionaries(NAMES, SCALARS, min_size=1, max_size=4),
    lambda inner: st.fixed_dictionaries(
        {"code": SCALARS, "values": st.lists(inner, max_size=3), "formats": st.lists(TEXTS)}
    ),
    max_leaves=5,
)


def spark(element: etree._Element) -> Any:
    """XML as JSON by the convention, read by the names alone."""
    if element.tag in SINGULAR:
        return [spark(child) for child in element]
    if len(element):
        return {child.tag: spark(child) for child in element}
    return element.text


def said(value: Any) -> Any:
    """Every scalar as XML says it."""
    if isinstance(value, dict):
        return {key: said(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [said(inner) for inner in value]
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value)


def both(root: str, value: Any) -> tuple[Any, Any]:
    xml = answer(Form.XML, root, value).body
    return spark(etree.fromstring(bytes(xml))), json.loads(answer(Form.JSON, root, value).body)


@given(st.lists(VALUES, max_size=3))
def test_xml_and_json_say_the_same_whatever_the_text(value):
    from_xml, from_json = both("service_requests", value)
    assert from_xml == said(from_json)


@given(TEXTS)
def test_no_control_character_leaves(text):
    value = [{"description": text}]
    for form in Form:
        shown = bytes(answer(form, "service_requests", value).body).decode()
        assert not {symbol for symbol in shown if symbol < " " and symbol not in "\t\n"}


WRITTEN = [
    pytest.param("services", [], b"<services/>", [], id="an empty list stays a list"),
    pytest.param(
        "service_requests",
        [{"service_request_id": "006", "service_notice": None}],
        b"<service_requests><request><service_request_id>006</service_request_id>"
        b"<service_notice/></request></service_requests>",
        [{"service_request_id": "006", "service_notice": None}],
        id="one is an array of one; an id is text; nothing is empty",
    ),
    pytest.param(
        "discovery",
        {"endpoints": [{"formats": ["text/xml"]}]},
        b"<discovery><endpoints><endpoint><formats><format>text/xml</format></formats>"
        b"</endpoint></endpoints></discovery>",
        {"endpoints": [{"formats": ["text/xml"]}]},
        id="inner lists keep their plural",
    ),
    pytest.param(
        "service_definition",
        {"attributes": [{"variable": True, "order": 1, "values": []}]},
        b"<service_definition><attributes><attribute><variable>true</variable><order>1</order>"
        b"<values/></attribute></attributes></service_definition>",
        {"attributes": [{"variable": True, "order": 1, "values": []}]},
        id="truth and numbers are themselves in JSON",
    ),
    pytest.param(
        "errors",
        [{"code": "400", "description": "a <b> & c"}],
        b"<errors><error><code>400</code><description>a &lt;b&gt; &amp; c</description></error>"
        b"</errors>",
        [{"code": "400", "description": "a <b> & c"}],
        id="marks are escaped",
    ),
    pytest.param(
        "service_request_updates",
        [{"description": "a\r\nb\rc\x00\x1f\ufffe"}],
        b"<service_request_updates><request_update><description>a\nb\nc</description>"
        b"</request_update></service_request_updates>",
        [{"description": "a\nb\nc"}],
        id="lines stay, controls go",
    ),
]


@pytest.mark.parametrize(("root", "value", "xml", "plain"), WRITTEN)
def test_the_convention(root, value, xml, plain):
    assert json.loads(answer(Form.JSON, root, value).body) == plain
    declaration, _, document = bytes(answer(Form.XML, root, value).body).partition(b"\n")
    assert declaration == b'<?xml version="1.0" encoding="UTF-8"?>'
    assert document == xml


def test_an_answer_names_its_charset_and_discovery_does_not():
    assert answer(Form.XML, "services", []).headers["content-type"] == "text/xml; charset=utf-8"
    bare = answer(Form.JSON, "discovery", {}, name_charset=False)
    assert bare.headers["content-type"] == "application/json"
