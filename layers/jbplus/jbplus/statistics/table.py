"""The table of statistics: anonymous figures, only ever added to, kept without end."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jbplus.aws.errors import translated
from jbplus.aws.keys import FISCAL_YEAR_KEY, MONTH_KEY
from jbplus.errors import ConflictError
from jbplus.statistics.publication import Publication

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from jbplus.aws.dynamodb import Item

_CONTENT = "publication"
_OF_YEAR = f"{FISCAL_YEAR_KEY} = :year"


@dataclass(frozen=True, slots=True)
class DynamoStatistics:
    """Keeps one item for each month of a fiscal year."""

    client: "DynamoDBClient"
    table: str

    def read(self, fiscal_year: int) -> list[Publication]:
        """Read the publications of a fiscal year, by month."""
        with translated("dynamodb:Query"):
            pages = self.client.get_paginator("query").paginate(
                TableName=self.table,
                KeyConditionExpression=_OF_YEAR,
                ExpressionAttributeValues=_values(fiscal_year),
                ConsistentRead=True,
            )
            return [_publication(item) for page in pages for item in page["Items"]]

    def last(self, fiscal_year: int) -> Publication | None:
        """Read the last publication of a fiscal year, or None before the first."""
        with translated("dynamodb:Query"):
            found = self.client.query(
                TableName=self.table,
                KeyConditionExpression=_OF_YEAR,
                ExpressionAttributeValues=_values(fiscal_year),
                ConsistentRead=True,
                ScanIndexForward=False,
                Limit=1,
            )["Items"]
        return _publication(found[0]) if found else None

    def keep(self, publication: Publication) -> Publication:
        """Keep a publication, unless its month is published; give the one that stands."""
        try:
            with translated("dynamodb:PutItem"):
                self.client.put_item(
                    TableName=self.table,
                    Item={
                        FISCAL_YEAR_KEY: {"N": str(publication.fiscal_year)},
                        MONTH_KEY: {"S": publication.month},
                        _CONTENT: {"S": publication.model_dump_json()},
                    },
                    ConditionExpression=f"attribute_not_exists({FISCAL_YEAR_KEY})",
                )
        except ConflictError:
            published = self.read(publication.fiscal_year)
            return next(earlier for earlier in published if earlier.month == publication.month)
        return publication


def _values(fiscal_year: int) -> "Item":
    return {":year": {"N": str(fiscal_year)}}


def _publication(item: "Item") -> Publication:
    return Publication.model_validate_json(item[_CONTENT]["S"])
