"""What is said on a wire: one model for who writes it and who reads it; strict when written, tolerant when read."""

from decimal import Decimal
from typing import Annotated, Final, Self, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, JsonValue, ValidationInfo
from pydantic.alias_generators import to_camel
from pydantic.json_schema import SkipJsonSchema, WithJsonSchema
from pydantic_core import PydanticCustomError

_READING: Final = "reading"


class Wire(BaseModel):
    """Anything that is said on a wire.

    Fields that a reader does not know are kept: it may be older than who wrote them.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="allow",
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        hide_input_in_errors=True,
    )

    @classmethod
    def read(cls, content: bytes | str) -> Self:
        """Read what another part wrote, maybe a newer version of it.

        Args:
            content: JSON.

        Raises:
            pydantic.ValidationError: it does not fit.
        """
        return cls.model_validate_json(content, context=_READING)

    def wire(self) -> dict[str, JsonValue]:
        """Give it as it was written, ready for JSON."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)


def _only_when_reading(value: object, info: ValidationInfo) -> object:
    if info.context != _READING:
        raise PydanticCustomError("unknown", "must be one that is known")
    return value


OnlyTrue = Annotated[bool, WithJsonSchema({"type": "boolean", "const": True})]
"""What is said when it is so, and is else left out."""

Euro = Annotated[Decimal, WithJsonSchema({"type": "string"})]
"""An amount in EUR: a text on the wire, so that it stays exact."""

_CENT: Final = Decimal("0.01")


def euro(amount: Decimal | int) -> Decimal:
    """Give an amount two decimals, as it is written."""
    return Decimal(amount).quantize(_CENT)


T = TypeVar("T")
Unknown = Annotated[T, BeforeValidator(_only_when_reading), SkipJsonSchema()]
"""What a newer version may write in place of what we know: taken as it came when read, refused when written.

Stands last in a union of mode `left_to_right`.
"""
