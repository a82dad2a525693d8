"""Parts that several shapes share."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from lintas.web import Strict

CODE = r"^[a-z][a-z0-9_-]{0,63}$"

#: an agency's code
Agency = Annotated[str, Field(pattern=CODE)]
#: a reason, disposition or pointer: a word of a list, never free text (it is kept for ever)
Code = Annotated[str, Field(pattern=CODE)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Nothing(Strict):
    """An empty object."""


class Shown(BaseModel):
    """What goes out; made from domain values by their attributes."""

    model_config = ConfigDict(frozen=True, from_attributes=True)
