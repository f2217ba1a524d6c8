"""The environment of the functions, one typed model each; a missing variable stops the function at its start."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

_Name = Annotated[str, Field(min_length=1)]


def _parse_list(value: object) -> tuple[str, ...]:
    """Read names with commas between, in their order; an empty text names none."""
    return tuple(name for name in str(value).split(",") if name)


def _parse_names(value: object) -> frozenset[str]:
    """Read names with commas between; an empty text names none."""
    return frozenset(_parse_list(value))


class _Settings(BaseModel):
    # A variable is named as its field, in capitals. Each function reads one of these models, and builds that one alone.
    model_config = ConfigDict(
        frozen=True, extra="ignore", hide_input_in_errors=True, alias_generator=str.upper, defer_build=True
    )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the settings from environment variables."""
        return cls.model_validate(dict(environment))


class _PersonSettings(_Settings):
    pseudonym_secret: _Name
    test_numbers_allowed: bool


class _SuccessionSettings(_Settings):
    """What every function needs to whom it matters that one number may replace another.

    Attributes:
        succession_allowed: whether it may.
        persons_table: the table of persons; who may read no person there reads links alone.
    """

    succession_allowed: bool
    persons_table: _Name


class _CallSettings(_Settings):
    """What every function of the API needs.

    Attributes:
        ignored_query_parameters: parameters of the query that a platform in between appends.
    """

    ignored_query_parameters: Annotated[frozenset[str], BeforeValidator(_parse_names)]


class _PersonCallSettings(_PersonSettings, _CallSettings):
    pass


class IntakeReleaseSettings(_PersonSettings, _SuccessionSettings):
    """What the function that releases from quarantine needs."""

    bucket: _Name
    retention_years: Annotated[int, Field(ge=1)]


class PersonsRecomputingSettings(_SuccessionSettings):
    """What the function needs that recomputes the ends."""

    bucket: _Name
    retention_years: Annotated[int, Field(ge=1)]


class IntakeSettings(IntakeReleaseSettings):
    """What the intake function needs."""

    ledger_table: _Name
    function_name: Annotated[str, Field(alias="INTAKE_FUNCTION", min_length=1)]


class NoticesSettings(_PersonSettings, _SuccessionSettings):
    """What the notices function needs."""

    bucket: _Name
    notices_table: _Name
    registrations_table: _Name
    suspensions_table: _Name


class IntakeWatchSettings(_Settings):
    """What the function that watches the intake needs."""

    bucket: _Name
    ledger_table: _Name


class StatisticsSettings(_CallSettings):
    """What the function that answers with statistics needs."""

    statistics_table: _Name


class StatisticsPublishingSettings(_SuccessionSettings):
    """What the function that publishes statistics needs."""

    statistics_table: _Name
    bucket: _Name


class ConsultationSettings(_PersonCallSettings, _SuccessionSettings):
    """What the consultation function needs."""

    registrations_table: _Name
    privacy_log_table: _Name
    suspensions_table: _Name


class QualitySettings(_PersonCallSettings, _SuccessionSettings):
    """What the quality function needs."""

    bucket: _Name
    quality_table: _Name
    registrations_table: _Name
    privacy_log_table: _Name


class SuspensionsSettings(_CallSettings):
    """What the suspensions function needs."""

    suspensions_table: _Name


class SourceStandSettings(_SuccessionSettings):
    """What the function needs that puts the source's stand out."""

    bucket: _Name
    pseudonym_secret: _Name
    retention_years: Annotated[int, Field(ge=1)]


class PrivacyLogSettings(_PersonCallSettings):
    """What the function of the privacy log needs."""

    privacy_log_table: _Name


class RegistrationsSettings(_PersonCallSettings, _SuccessionSettings):
    """What the registrations function needs."""

    registrations_table: _Name
    privacy_log_table: _Name
    registrations_per_day: Annotated[int, Field(ge=0)]


class StandSettings(_CallSettings, _SuccessionSettings):
    """What the function that opens the stand needs."""

    pseudonym_secret: _Name
    registrations_table: _Name
    suspensions_table: _Name


class StandPublishingSettings(_SuccessionSettings):
    """What the function that publishes the stands needs."""

    pseudonym_secret: _Name
    bucket: _Name
    registrations_table: _Name
    suspensions_table: _Name


class EndedPartiesSettings(_Settings):
    """What the function needs that deletes what is left of parties that left."""

    bucket: _Name
    notices_table: _Name
    registrations_table: _Name
    privacy_log_table: _Name


class CheckpointsSettings(_Settings):
    """What the function needs that seals the privacy log.

    Attributes:
        bucket: the exchange's bucket.
        segments_bucket: the bucket of segments and checkpoints.
        privacy_log_table: the table of the privacy log.
        signing_keys: ARNs of the keys that sign; the last is the one to use from now on.
    """

    bucket: _Name
    segments_bucket: _Name
    privacy_log_table: _Name
    signing_keys: Annotated[tuple[str, ...], BeforeValidator(_parse_list), Field(min_length=1)]


class DropserverSettings(_Settings):
    """What the function of the dropserver needs.

    Attributes:
        bucket: the exchange's bucket.
        suspensions_table: the table of suspensions.
        dropserver_host: the server's name, as its certificate has it.
        dropserver_port: its port.
        dropserver_tls: whether TLS begins after AUTH (`explicit`), or at once (`implicit`).
        dropserver_timeout: how long the server may be silent, in seconds.
        dropserver_patience: how long it may take to confirm a file, in seconds.
        dropserver_secret: the secret with user, password, CA, certificate and key.
        dropserver_incoming: the folder that files are taken from.
        dropserver_pattern: the names of the files that are taken, as `fnmatch` has it.
        dropserver_after_taking: `remove`, or the folder that taken files are moved to, relative to the incoming one.
        dropserver_outgoing: the folder that a party's files go to; `{party}` stands for its number.
        dropserver_settle: a file that did not change for so many seconds may be taken.
        dropserver_broken_after: a file that is not whole goes to quarantine after so many minutes.
        dropserver_file_seconds: how long one file may take, in seconds.
    """

    bucket: _Name
    suspensions_table: _Name
    dropserver_host: _Name
    dropserver_port: Annotated[int, Field(ge=1, le=65535)]
    dropserver_tls: Literal["explicit", "implicit"]
    dropserver_timeout: Annotated[float, Field(ge=1, le=300)]
    dropserver_patience: Annotated[float, Field(ge=1, le=600)]
    dropserver_secret: _Name
    dropserver_incoming: _Name
    dropserver_pattern: _Name
    dropserver_after_taking: _Name
    dropserver_outgoing: Annotated[str, Field(pattern=r"\{party\}")]
    dropserver_settle: Annotated[float, Field(ge=1, le=300)]
    dropserver_broken_after: Annotated[int, Field(ge=1)]
    dropserver_file_seconds: Annotated[float, Field(ge=30, le=780)]
