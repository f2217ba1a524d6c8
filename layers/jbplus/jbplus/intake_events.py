"""From S3's event to the intake: which files it tells of, and what operators see of them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.data_classes import S3Event

from jbplus.errors import ObjectMissingError, UnavailableError
from jbplus.failures import where_it_failed
from jbplus.intake import IncomingFile, Intake
from jbplus.logcodes import LogCode
from jbplus.mutation_file.report import Report, Status

PREFIX = "inkomend/"
ENDINGS = (".json", ".json.gz")


class FileDelayedError(Exception):
    """A file was not taken in to its end; Lambda delivers its event again. The message holds no values."""


@dataclass(frozen=True, slots=True)
class IntakeEvents:
    """Takes in the files that events tell of.

    Attributes:
        intake: takes in one file.
        find: finds an incoming file by key and version.
        logger: takes one line for each file.
        metrics: counts files and records by outcome.
    """

    intake: Intake
    find: Callable[[str, str | None], IncomingFile]
    logger: Logger
    metrics: Metrics

    def take_in(self, event: dict[str, Any]) -> None:
        """Take in each file of an event.

        Raises:
            FileDelayedError: a file was not taken in to its end.
        """
        for key, version in self._announced(event):
            try:
                report = self.intake.take_in(self.find(key, version))
            except (UnavailableError, ObjectMissingError) as error:
                self.logger.error(LogCode.FILE_DELAYED, extra={"reason": str(error) or type(error).__name__})
                raise FileDelayedError(LogCode.FILE_DELAYED) from None
            except Exception as error:  # noqa: BLE001 - whatever it is, its message may hold a value
                self.logger.error(LogCode.FILE_FAILED, extra=where_it_failed(error))
                raise FileDelayedError(LogCode.FILE_FAILED) from None
            self._tell(report)

    def _announced(self, event: dict[str, Any]) -> Iterator[tuple[str, str | None]]:
        # S3 sends an s3:TestEvent, without records, when the notification is set up.
        if "Records" not in event:
            self.logger.info(LogCode.EVENT_IGNORED)
            return
        for record in S3Event(event).records:
            key = record.s3.get_object.key
            if key.startswith(PREFIX) and key.endswith(ENDINGS):
                yield key, record.s3.get_object.version_id
            else:
                self.logger.info(LogCode.EVENT_IGNORED)

    def _tell(self, report: Report) -> None:
        counts = report.aantallen
        refused = report.status is Status.REFUSED
        self.logger.info(
            LogCode.FILE_REFUSED if refused else LogCode.FILE_TAKEN_IN,
            extra={
                "status": report.status,
                "sha256": report.sha256,
                "volgnummer": report.context.volgnummer if report.context else None,
                "counts": counts.model_dump(),
                "codes": sorted({error.code for error in report.fouten}),
            },
        )
        self.metrics.add_metric(f"Files{report.status[0].upper()}{report.status[1:]}", MetricUnit.Count, 1)
        for name, value in (
            ("RecordsApplied", counts.toegepast),
            ("RecordsSuperseded", counts.verouderd),
            ("RecordsRefused", counts.geweigerd),
            ("OpenGaps", len(report.ontbrekende_volgnummers)),
        ):
            self.metrics.add_metric(name, MetricUnit.Count, value)
