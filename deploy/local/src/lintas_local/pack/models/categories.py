"""`categories.yaml`: what are complaints about?"""

from datetime import date
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from lintas_local.pack.models.fields import Code, Key, LocalText, PackModel, Phrase


class CategoryGroup(PackModel):
    """A heading under which categories are listed."""

    code: Key
    name: LocalText


class Choice(PackModel):
    """One of the answers that a question allows."""

    key: Key
    name: LocalText


class Question(PackModel):
    """What is asked beside the description (Open311 *attribute*)."""

    code: Key
    #: string: one line; text: several; note: to be read, nothing is asked
    kind: Literal[
        "string", "number", "datetime", "text", "singlevaluelist", "multivaluelist", "note"
    ]
    question: LocalText
    #: how to answer, where that is not plain
    hint: LocalText | None = None
    required: bool = False
    choices: tuple[Choice, ...] = ()

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if bool(self.choices) != self.kind.endswith("list"):
            raise PydanticCustomError("choices", "`choices` for a list, and for nothing else")
        if len({choice.key for choice in self.choices}) < len(self.choices):
            raise PydanticCustomError("choices", "each key of `choices` once")
        if self.required and self.kind == "note":
            raise PydanticCustomError("note", "a note that is not required")
        return self


class Category(PackModel):
    """One subject (Open311 *service*)."""

    code: Key
    name: LocalText
    group: Key
    #: who usually answers; for readers only, the rules decide
    agency: Code
    #: what belongs here, in a sentence
    description: LocalText | None = None
    #: words by which people find it
    keywords: tuple[Phrase, ...] = ()
    questions: tuple[Question, ...] = ()
    #: what Open311 answers to a new request: its id, a token for it, or neither
    answer: Literal["id", "token", "nothing"] = "id"

    @model_validator(mode="after")
    def _once(self) -> Self:
        if len({question.code for question in self.questions}) < len(self.questions):
            raise PydanticCustomError("questions", "each code of `questions` once")
        return self


class CategoriesFile(PackModel):
    """All subjects, under their headings."""

    effective_from: date
    known_from: date
    groups: tuple[CategoryGroup, ...] = Field(min_length=1)
    categories: tuple[Category, ...] = Field(min_length=1)
