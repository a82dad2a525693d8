"""What the citizen pages ask."""

import re
from typing import Annotated

from pydantic import Field

from lintas.vocabulary.terms import Anonymity
from lintas.web import Display, Prose, Strict, Text

#: what a form is known by
FORM_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,64}")


class ReportIn(Strict):
    """What the report form asks; empty where nothing was said."""

    text: Text
    address: Annotated[str, Display(450, least=0)] = ""
    name: Annotated[str, Display(200, least=0)] = ""
    phone: Annotated[
        str, Field(max_length=40, pattern=r"^(\+?[0-9](?:[ ().-]{0,2}[0-9]){7,14})?$")
    ] = ""
    email: Annotated[
        str,
        Field(
            max_length=254,
            pattern=r"^([^@\s<>,;\x00-\x1f]+@[^@\s<>,;\x00-\x1f]+\.[^@\s<>,;\x00-\x1f]+)?$",
        ),
    ] = ""
    anonymity: Anonymity = Anonymity.ANONYMOUS


class MoreIn(Strict):
    """What a reporter adds on the page of a ticket."""

    text: Annotated[str, Prose(9_900)]


class PlaceIn(Strict):
    """Where it is, after a place that was wrong."""

    address: Annotated[str, Display(450)]
