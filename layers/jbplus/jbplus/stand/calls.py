"""The call `POST /v1/stand/query`: opens ranges of the own stand (Article 6)."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from jbplus.api.bodies import Body, WithoutDoubles
from jbplus.api.calls import Call, post
from jbplus.protocol.caller import Caller
from jbplus.stand.document import RangeName
from jbplus.stand.service import Stands
from jbplus.stand.wire import PairAnswer, PairsAnswer

MAX_RANGES = 64


class OpenBody(Body):
    """Names ranges, each once."""

    bereiken: Annotated[list[RangeName], Field(min_length=1, max_length=MAX_RANGES), WithoutDoubles]


@dataclass(frozen=True, slots=True)
class StandCalls:
    """Says stands on the wire."""

    stands: Stands

    @property
    def all(self) -> tuple[Call, ...]:
        """The calls of stands."""
        return (post("/v1/stand/query", OpenBody, self.query),)

    def query(self, body: OpenBody, caller: Caller) -> PairsAnswer:
        """Open ranges of the party's own stand."""
        pairs = self.stands.open(body.bereiken, caller)
        return PairsAnswer(items=tuple(PairAnswer(handle=pair.handle, versie=pair.version) for pair in pairs))
