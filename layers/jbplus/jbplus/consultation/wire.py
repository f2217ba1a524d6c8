"""What is answered about a person (Articles 2 and 3 a)."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, WithJsonSchema

from jbplus.persons.state import MEASURE, FiscalYearTotal, Payment, PersonState, totals
from jbplus.wire import Euro, OnlyTrue, Unknown, Wire, euro


class VerrichtingAnswer(Wire):
    """A payment or recovery as answered; the amount in EUR with two decimals."""

    referte: str
    maatregel: Annotated[Literal["Jobbonus plus"] | Unknown[str], Field(union_mode="left_to_right")] = MEASURE
    fiscaal_jaar: int
    bedragtype: str
    verrichtingbedrag: Euro
    effectieve_verrichtingsdatum: Annotated[date, WithJsonSchema({"type": "string"})]  # of which form, its words say

    @classmethod
    def of(cls, referte: str, payment: Payment) -> "VerrichtingAnswer":
        """Say a payment on the wire."""
        return cls(
            referte=referte,
            fiscaal_jaar=payment.fiscal_year,
            bedragtype=payment.instalment,
            verrichtingbedrag=euro(payment.amount),
            effectieve_verrichtingsdatum=payment.day,
        )


class NetAnswer(Wire):
    """What is deducted from the income of one fiscal year; amounts in EUR with two decimals."""

    fiscaal_jaar: int
    betaald: Euro
    teruggevorderd: Euro
    netto: Euro

    @classmethod
    def of(cls, total: FiscalYearTotal) -> "NetAnswer":
        """Say a total on the wire."""
        return cls(
            fiscaal_jaar=total.fiscal_year,
            betaald=euro(total.paid),
            teruggevorderd=euro(total.reclaimed),
            netto=euro(total.net),
        )


class PersonAnswer(Wire):
    """What is known of one person; empty lists when nothing is, and then no `volgnummer` and no `bewaarTot`."""

    insz: str
    volgnummer: int | None = None
    bewaar_tot: date | None = None
    in_onderzoek: Annotated[bool, WithJsonSchema({"type": "boolean", "const": True})] | None = None
    vervangen: OnlyTrue | None = None
    versie: str | None = None
    verrichtingen: tuple[VerrichtingAnswer, ...]
    netto_per_fiscaal_jaar: tuple[NetAnswer, ...]

    @classmethod
    def of(
        cls,
        number: str,
        state: PersonState,
        kept_until: date | None,
        *,
        is_in_doubt: bool = False,
        is_replaced: bool = False,
        version: str | None = None,
    ) -> "PersonAnswer":
        """Say a person's state on the wire, and the last day in Brussels that it is kept.

        Args:
            number: the INSZ that was asked about.
            state: what is known.
            kept_until: the last day.
            is_in_doubt: whether the source looks into a report on the person.
            is_replaced: whether another number took this one's place; which one is never said: no table holds it.
            version: the answer's mark, for a party that has registered the person.
        """
        payments = state.payments
        return cls(
            insz=number,
            volgnummer=state.volgnummer,
            bewaar_tot=kept_until,
            in_onderzoek=is_in_doubt or None,
            vervangen=is_replaced or None,
            versie=version,
            verrichtingen=tuple(VerrichtingAnswer.of(referte, payment) for referte, payment in payments),
            netto_per_fiscaal_jaar=tuple(NetAnswer.of(total) for total in totals(p for _, p in payments)),
        )
