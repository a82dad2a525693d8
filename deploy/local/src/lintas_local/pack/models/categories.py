"""`categories.yaml`: what are complaints about?"""

from datetime import date

from pydantic import Field

from lintas_local.pack.models.fields import Code, Key, LocalText, PackModel


class CategoryGroup(PackModel):
    """A heading under which categories are listed."""

    code: Key
    name: LocalText


class Category(PackModel):
    """One subject (Open311 *service*)."""

    code: Key
    name: LocalText
    group: Key
    #: who usually answers; for readers only, the rules decide
    agency: Code


class CategoriesFile(PackModel):
    """All subjects, under their headings."""

    effective_from: date
    known_from: date
    groups: tuple[CategoryGroup, ...] = Field(min_length=1)
    categories: tuple[Category, ...] = Field(min_length=1)
