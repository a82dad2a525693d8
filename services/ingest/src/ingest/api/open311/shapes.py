"""What goes out: each answer as one value, before it is XML or JSON."""

from collections.abc import Mapping, Sequence

from ingest.api.open311.rendering import Value
from ingest.domain.links import Links
from ingest.domain.mentions import Acceptance
from ingest.domain.open311.moments import written
from ingest.domain.open311.posts import NewRequest
from ingest.domain.open311.requests import (
    Given,
    Request,
    State,
    Update,
    closed_states,
    update_word,
)
from ingest.domain.open311.services import (
    UNSORTED,
    AnswerKind,
    Attribute,
    Catalogue,
    Endpoint,
    Service,
)
from ingest.domain.words import REQUEST_TEXT, STATUS_TEXT

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
BULK_SPECIFICATION = "http://wiki.open311.org/GeoReport/bulk"
_FORMATS = ("text/xml", "application/json")
_BULK_FORMATS = ("text/csv", *_FORMATS)

Shape = Mapping[str, Value]


def discovery(endpoint: Endpoint, catalogue: Catalogue, address: str) -> Shape:
    """What this server is, and where."""
    changeset = written(catalogue.changed_at)

    def offered(specification: str, url: str, formats: Sequence[str]) -> Shape:
        return {
            "specification": specification,
            "url": url,
            "changeset": changeset,
            "type": endpoint.type,
            "formats": list(formats),
        }

    return {
        "changeset": changeset,
        "contact": endpoint.contact,
        "key_service": endpoint.keys,
        "endpoints": [
            # the first is what generic clients take
            offered(SPECIFICATION, address, _FORMATS),
            offered(BULK_SPECIFICATION, f"{address}/bulk", _BULK_FORMATS),
        ],
    }


def services(catalogue: Catalogue) -> Sequence[Shape]:
    """Everything that can be reported."""
    return [
        {
            "service_code": service.code,
            "service_name": service.name,
            "description": service.description or service.name,
            "metadata": bool(service.attributes),
            "type": service.answer.value,
            "keywords": ", ".join(service.keywords),
            "group": service.group,
        }
        for service in catalogue.services.values()
    ]


def definition(service: Service) -> Shape:
    """What is asked beside the description."""
    return {
        "service_code": service.code,
        "attributes": [
            _attribute(order, attribute)
            for order, attribute in enumerate(service.attributes, start=1)
        ],
    }


def _attribute(order: int, attribute: Attribute) -> Shape:
    return {
        "variable": attribute.is_asked,
        "code": attribute.code,
        "datatype": attribute.datatype,
        "required": attribute.required,
        "datatype_description": attribute.hint,
        "order": order,
        "description": attribute.description,
        "values": [{"key": key, "name": name} for key, name in (attribute.choices or {}).items()],
    }


def posted(new: NewRequest, acceptance: Acceptance) -> Sequence[Shape]:
    """What the answer to a new request is, by its service's type."""
    kind = new.service.answer
    identity: dict[str, Value] = {}
    if kind is AnswerKind.REALTIME:
        identity = {"service_request_id": acceptance.ticket}
    elif kind is AnswerKind.BATCH:
        identity = {"token": str(acceptance.mention_id)}
    return [{**identity, "service_notice": None, "account_id": None}]


class Shapes:
    """Requests and updates, in the city's language and with its names."""

    def __init__(self, endpoint: Endpoint, catalogue: Catalogue, links: Links) -> None:
        self._endpoint = endpoint
        self._catalogue = catalogue
        self._links = links
        self._closed = closed_states(resolved_reads_closed=endpoint.resolved_reads_closed)

    def request(self, request: Request, updates: Sequence[Update] | None = None) -> Shape:
        """One request; with `updates` also what the extensions add."""
        progress, words = request.progress, request.words
        service = self._service(progress.category)
        shape: dict[str, Value] = {
            "service_request_id": request.ticket,
            "status": self._status(progress.state),
            "status_notes": self._notes(request),
            "service_name": service.name,
            "service_code": service.code,
            "description": words.description if words else None,
            "agency_responsible": self._agency(progress.agency),
            "service_notice": None,
            "requested_datetime": written(progress.requested_at),
            "updated_datetime": written(request.updated_at),
            "expected_datetime": written(request.promised_at) if request.promised_at else None,
            "address": words.address if words else None,
            "address_id": None,
            "zipcode": None,
            "lat": words.lat if words else None,
            "long": words.lon if words else None,
            "media_url": None,
        }
        if updates is None:
            return shape
        return {**shape, **self._extended(request, service, updates)}

    def bulk(self, request: Request) -> Shape:
        """One request as the bulk draft lists it, in its order of fields."""
        shape, progress = self.request(request), request.progress
        is_closed = progress.state in self._closed
        return {
            "service_request_id": request.ticket,
            "requested_datetime": shape["requested_datetime"],
            "updated_datetime": shape["updated_datetime"],
            "closed_date": written(progress.changed_at) if is_closed else None,
            "status_description": self._word(progress.state, progress.disposition),
            "status_notes": shape["status_notes"],
            "source": request.channel,
            "service_name": shape["service_name"],
            "service_subtype": None,
            "description": shape["description"],
            "agency_responsible": shape["agency_responsible"],
            "address": shape["address"],
            "lat": shape["lat"],
            "long": shape["long"],
        }

    def update(self, update: Update) -> Shape:
        """Something that became of a request."""
        return {
            "update_id": str(update.update_id),
            "service_request_id": update.ticket,
            "status": self._word(update.state, update.disposition),
            "updated_datetime": written(update.at),
            "description": self._told(update),
            "media_url": None,
            "external_status_code": update.state.value,
            "customer_reference": None,
            "fixmystreet_id": None,
        }

    def _extended(self, request: Request, service: Service, updates: Sequence[Update]) -> Shape:
        return {
            "attributes": [self._given(service, given) for given in request.given],
            "extended_attributes": {
                "channel": request.channel,
                "public_status": request.status.value,
                "update_status": self._word(request.progress.state, request.progress.disposition),
                "photos": [],
            },
            "notes": [
                {
                    "datetime": written(update.at),
                    "description": self._told(update),
                    "type": self._word(update.state, update.disposition),
                }
                for update in updates
            ],
        }

    def _given(self, service: Service, given: Given) -> Shape:
        asked = {attribute.code: attribute for attribute in service.attributes}
        attribute = asked.get(given.code)
        names = (attribute.choices if attribute else None) or {}
        return {
            "code": given.code,
            "label": attribute.description if attribute else given.code,
            "name": ", ".join(names.get(value, value) for value in given.values),
            "value": ", ".join(given.values),
        }

    def _service(self, code: str | None) -> Service:
        services = self._catalogue.services
        # a category that the city no longer has is listed with those that have none
        return services.get(code or UNSORTED) or services[UNSORTED]

    def _status(self, state: State) -> str:
        return "closed" if state in self._closed else "open"

    def _word(self, state: State, disposition: str | None) -> str:
        # a city may wait with "fixed" until the reporter had time to disagree
        if state is State.RESOLVED and state not in self._closed:
            return "in_progress"
        return update_word(state, disposition)

    def _notes(self, request: Request) -> str:
        said = STATUS_TEXT[request.status][self._endpoint.language]
        if request.statement_id is None:
            return said
        return f"{said} {self._links.statement(request.statement_id)}"

    def _told(self, update: Update) -> str:
        if update.text is None or update.statement_id is None:
            return REQUEST_TEXT[update.state][self._endpoint.language]
        text = update.text.replace("{ticket}", update.ticket)
        text = text.replace("{link}", self._links.status(update.ticket))
        return f"{text}\n\n{self._links.statement(update.statement_id)}"

    def _agency(self, code: str | None) -> str | None:
        return None if code is None else self._catalogue.agencies.get(code)
