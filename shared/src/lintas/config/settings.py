"""One frozen object of settings, read once from the variables a process was given."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Self, Union, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, ConfigDict, SecretStr, ValidationError
from pydantic.fields import FieldInfo

PREFIX = "LINTAS_"
_FROM_FILE = "_FILE"


class SettingsError(Exception):
    """The settings cannot be used; every problem is named by its variable, no value is shown."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("settings cannot be used:\n" + "\n".join(f"  {line}" for line in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One line of the generated settings page."""

    name: str
    type: str
    #: as an operator would write it; None if there is no default or it must not be shown
    default: str | None
    required: bool
    secret: bool
    description: str


def _split(value: object) -> object:
    if isinstance(value, str):
        return tuple(word for part in value.split(",") if (word := part.strip()))
    return value


#: words written with commas between them
Names = Annotated[tuple[str, ...], BeforeValidator(_split)]


class Settings(BaseModel):
    """A frozen set of settings; field `x_y` is the variable LINTAS_X_Y.

    LINTAS_X_Y_FILE may name a file that holds the value instead. An empty variable is an unset one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    @classmethod
    def load(cls, environ: Mapping[str, str]) -> Self:
        """The settings `environ` describes; SettingsError names every problem at once."""
        values: dict[str, str] = {}
        problems: dict[str, str] = {}
        for field in cls.model_fields:
            try:
                value = _read(field, environ)
            except ValueError as error:
                problems[field] = str(error)
            else:
                if value is not None:
                    values[field] = value
        try:
            settings = cls.model_validate(values)
        except ValidationError as error:
            # what could not be read is already named, and not also "missing"
            problems = _explain(error) | problems
        if problems:
            raise SettingsError(tuple(problems.values()))
        return settings

    @classmethod
    def describe(cls) -> list[SettingRow]:
        """One row per setting, in the order of declaration."""
        return [_row(variable_of(name), field) for name, field in cls.model_fields.items()]

    def secrets(self) -> tuple[SecretStr, ...]:
        """Every secret held here, for the filter of the logs."""
        held = (getattr(self, name) for name in type(self).model_fields)
        return tuple(value for value in held if isinstance(value, SecretStr))


def describe_fields(model: type[BaseModel]) -> list[SettingRow]:
    """One row per field of a part of a settings file, in the order of declaration."""
    return [_row(name, field) for name, field in model.model_fields.items()]


def variable_of(field: str) -> str:
    """The variable that sets `field`."""
    return PREFIX + field.upper()


def _read(field: str, environ: Mapping[str, str]) -> str | None:
    variable = variable_of(field)
    direct, path = environ.get(variable), environ.get(variable + _FROM_FILE)
    if direct and path:
        raise ValueError(f"{variable}: set it or {variable}{_FROM_FILE}, not both")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip() or None
        except (OSError, UnicodeDecodeError):
            raise ValueError(f"{variable}{_FROM_FILE}: names a file that cannot be read") from None
    return direct or None


def _explain(error: ValidationError) -> dict[str, str]:
    lines: dict[str, str] = {}
    for problem in error.errors(include_input=False, include_url=False, include_context=False):
        field = str(problem["loc"][0]) if problem["loc"] else ""
        expected = "is missing" if problem["type"] == "missing" else problem["msg"]
        lines.setdefault(field, f"{variable_of(field)}: {expected}" if field else expected)
    return lines


def _row(name: str, field: FieldInfo) -> SettingRow:
    required = field.is_required()
    secret = _holds(field.annotation, SecretStr)
    shown = None
    if not required and not secret and field.default is not None:
        default = field.default
        shown = ",".join(default) if isinstance(default, tuple) else str(default)
    return SettingRow(
        name=name,
        type="secret" if secret else _type_name(field.annotation, field.metadata),
        default=shown,
        required=required,
        secret=secret,
        description=field.description or "",
    )


def _holds(annotation: Any, wanted: type) -> bool:
    return annotation is wanted or any(_holds(part, wanted) for part in get_args(annotation))


def _type_name(annotation: Any, metadata: list[Any]) -> str:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _type_name(get_args(annotation)[0], metadata)
    if origin in (Union, UnionType):
        kinds = [part for part in get_args(annotation) if part is not type(None)]
        return " or ".join(_type_name(part, metadata) for part in kinds)
    if origin is Literal:
        return " | ".join(str(choice) for choice in get_args(annotation))
    if origin is tuple:
        return "words, comma-separated"
    plain = {int: "integer", float: "number", str: "text", bool: "true | false", Path: "path"}
    kind = plain.get(annotation, getattr(annotation, "__name__", str(annotation)))
    bounds = {"ge": "from", "gt": "above", "le": "to", "lt": "below"}
    limits = [
        f"{word} {getattr(item, key)}"
        for item in metadata
        for key, word in bounds.items()
        if hasattr(item, key)
    ]
    return " ".join([kind, *limits])
