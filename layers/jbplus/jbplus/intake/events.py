"""From S3's event to the intake: which files it tells of, and what operators see of them."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.data_classes.s3_event import S3EventRecord

from jbplus.aws.folders import INCOMING
from jbplus.errors import ObjectMissingError, UnavailableError, WithoutTtlError
from jbplus.intake.incoming import IncomingFile
from jbplus.intake.service import Intake
from jbplus.logs import LogCode, where_it_failed
from jbplus.mutation_file.report import Report, Status
from jbplus.mutation_file.unpacking import ENDINGS
from jbplus.retry import TimeLeft


class FileDelayedError(Exception):
    """A file was not taken in to its end; Lambda delivers its event again. The message holds no values."""


@dataclass(frozen=True, slots=True)
class IntakeEvents:
    """Takes in the files that events tell of.

    Attributes:
        intake: takes in one file.
        find: finds an incoming file by key and version.
        go_on: has an event delivered to a new invocation.
        logger: takes one line for each file.
        metrics: counts files and records by outcome.
    """

    intake: Intake
    find: Callable[[str, str | None], IncomingFile]
    go_on: Callable[[dict[str, Any]], None]
    logger: Logger
    metrics: Metrics

    def take_in(self, event: dict[str, Any], time_left: TimeLeft) -> None:
        """Take in each file of an event; what does not fit in this invocation goes on in a new one.

        Args:
            event: S3's event.
            time_left: gives the number of seconds that this invocation may still run.

        Raises:
            FileDelayedError: a file was not taken in to its end, or the event names one and is not understood.
        """
        for record in self._announced(event):
            try:
                self._take_in(record, time_left)
            except UnavailableError as error:
                self.logger.error(LogCode.FILE_DELAYED, extra={"reason": str(error)})
                raise FileDelayedError(LogCode.FILE_DELAYED) from None
            except ObjectMissingError:
                self.logger.error(LogCode.FILE_LOST)
                raise FileDelayedError(LogCode.FILE_LOST) from None
            except WithoutTtlError:
                self.logger.error(LogCode.ITEM_WITHOUT_TTL)
                raise FileDelayedError(LogCode.ITEM_WITHOUT_TTL) from None
            except Exception as error:  # noqa: BLE001 - whatever it is, its message may hold a value
                self.logger.error(LogCode.FILE_FAILED, extra=where_it_failed(error))
                raise FileDelayedError(LogCode.FILE_FAILED) from None

    def _take_in(self, record: S3EventRecord, time_left: TimeLeft) -> None:
        key, version = _key(record), record.s3.get_object.version_id
        try:
            file = self.find(key, version)
            report = self.intake.take_in(file, time_left)
        except ObjectMissingError:
            gone = IncomingFile(key.removeprefix(INCOMING), key, version, self.intake.clock())
            if version is None or not self.intake.was_concluded(gone):
                raise
            # An event that came twice: the file was taken in and put away before, or by a rival just now.
            self.logger.warning(LogCode.FILE_GONE)
            return
        if report is None:
            self.logger.info(LogCode.FILE_CONTINUES)
            self.go_on({"Records": [record.raw_event]})
        else:
            self._tell(report, (self.intake.clock() - file.received).total_seconds())

    def _announced(self, event: dict[str, Any]) -> Iterator[S3EventRecord]:
        # S3 sends an s3:TestEvent, without records, when the notification is set up.
        records = event.get("Records")
        for raw in records if isinstance(records, list) and records else [event]:
            match raw:
                case {"s3": {"object": {"key": str()}}}:
                    record = S3EventRecord(raw)
                    key = _key(record)
                    if key.startswith(INCOMING) and key.endswith(ENDINGS) and not _is_removal(raw):
                        yield record
                        continue
                case _ if _names_incoming(raw):
                    self.logger.error(LogCode.EVENT_NOT_UNDERSTOOD)
                    raise FileDelayedError(LogCode.EVENT_NOT_UNDERSTOOD)
            self.logger.info(LogCode.EVENT_IGNORED)

    def _tell(self, report: Report, seconds: float) -> None:
        counts = report.aantallen
        refused = report.status is Status.REFUSED
        self.logger.info(
            LogCode.FILE_REFUSED if refused else LogCode.FILE_TAKEN_IN,
            extra={
                "status": report.status,
                "sha256": report.sha256,
                "volgnummer": report.volgnummer,
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
        self.metrics.add_metric("FileDuration", MetricUnit.Seconds, seconds)


def _is_removal(raw: dict[str, Any]) -> bool:
    return str(raw.get("eventName", "")).startswith("ObjectRemoved")


def _names_incoming(raw: object) -> bool:
    """Tell whether an incoming file is named in what comes, however it is packed: then it must not be ignored."""
    return INCOMING in unquote_plus(json.dumps(raw)).replace("\\", "")


def _key(record: S3EventRecord) -> str:
    """Give the object's key; S3 writes it as in a form's URL."""
    return unquote_plus(record.s3.get_object.key)
