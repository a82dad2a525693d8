"""The front door of every service: bounds, refusals, policies, pages and documents."""

from lintas.web.body import KIB, MIB, BodyLimits
from lintas.web.cookies import sign_in, sign_out
from lintas.web.field_errors import invalid
from lintas.web.idempotency import fingerprint, idempotency_key, require_idempotency_key
from lintas.web.lean import LeanRoute
from lintas.web.models import (
    Count,
    Display,
    Int4,
    Int8,
    Moment,
    Prose,
    ShortText,
    Strict,
    Text,
    Within,
)
from lintas.web.operations import Probe
from lintas.web.pages import Pages
from lintas.web.paging import Cursors, Limit, next_address, next_link
from lintas.web.policies import (
    RouteWithoutPolicy,
    allow,
    form_key,
    link,
    principal,
    public,
    require,
    require_person,
    signed,
)
from lintas.web.problems import ErrorFormat, Problem, problem_json
from lintas.web.quotas import (
    Brake,
    Overrun,
    Overruns,
    Quota,
    Room,
    network_of,
    tell_overrun,
    tell_quota,
)
from lintas.web.reading import (
    LINES,
    json_body,
    parse_json,
    parse_lines,
    parse_tree,
    read_json,
    require_content_type,
)
from lintas.web.service import create_service
from lintas.web.versions import etag, not_modified, require_if_match

__all__ = [
    "KIB",
    "LINES",
    "MIB",
    "BodyLimits",
    "Brake",
    "Count",
    "Cursors",
    "Display",
    "ErrorFormat",
    "Int4",
    "Int8",
    "LeanRoute",
    "Limit",
    "Moment",
    "Overrun",
    "Overruns",
    "Pages",
    "Probe",
    "Problem",
    "Prose",
    "Quota",
    "Room",
    "RouteWithoutPolicy",
    "ShortText",
    "Strict",
    "Text",
    "Within",
    "allow",
    "create_service",
    "etag",
    "fingerprint",
    "form_key",
    "idempotency_key",
    "invalid",
    "json_body",
    "link",
    "network_of",
    "next_address",
    "next_link",
    "not_modified",
    "parse_json",
    "parse_lines",
    "parse_tree",
    "principal",
    "problem_json",
    "public",
    "read_json",
    "require",
    "require_content_type",
    "require_idempotency_key",
    "require_if_match",
    "require_person",
    "sign_in",
    "sign_out",
    "signed",
    "tell_overrun",
    "tell_quota",
]
