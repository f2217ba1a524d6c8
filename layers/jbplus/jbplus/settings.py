"""The environment of the functions, one typed model each; a missing variable stops the function at its start."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the settings from environment variables."""
        return cls.model_validate(dict(environment))


class _PersonSettings(_Settings):
    pseudonym_secret: Annotated[str, Field(alias="PSEUDONYM_SECRET", min_length=1)]
    test_numbers_allowed: Annotated[bool, Field(alias="TEST_NUMBERS_ALLOWED")]


class ReleaseSettings(_PersonSettings):
    """What the release function needs."""

    bucket: Annotated[str, Field(alias="BUCKET", min_length=1)]
    persons_table: Annotated[str, Field(alias="PERSONS_TABLE", min_length=1)]
    retention_years: Annotated[int, Field(alias="RETENTION_YEARS", ge=1)]


class MutationsSettings(ReleaseSettings):
    """What the mutations function needs."""

    ledger_table: Annotated[str, Field(alias="LEDGER_TABLE", min_length=1)]
    function_name: Annotated[str, Field(alias="AWS_LAMBDA_FUNCTION_NAME", min_length=1)]


class WatchSettings(_Settings):
    """What the watch function needs."""

    ledger_table: Annotated[str, Field(alias="LEDGER_TABLE", min_length=1)]


class StatisticsApiSettings(_Settings):
    """What the function that answers with statistics needs."""

    statistics_table: Annotated[str, Field(alias="STATISTICS_TABLE", min_length=1)]


class StatisticsSettings(StatisticsApiSettings):
    """What the function that publishes statistics needs."""

    persons_table: Annotated[str, Field(alias="PERSONS_TABLE", min_length=1)]


class ConsultationSettings(_PersonSettings):
    """What the consultation function needs."""

    persons_table: Annotated[str, Field(alias="PERSONS_TABLE", min_length=1)]
    registrations_table: Annotated[str, Field(alias="REGISTRATIONS_TABLE", min_length=1)]
    privacy_log_table: Annotated[str, Field(alias="PRIVACY_LOG_TABLE", min_length=1)]
    suspensions_table: Annotated[str, Field(alias="SUSPENSIONS_TABLE", min_length=1)]


class QualitySettings(_PersonSettings):
    """What the quality function needs."""

    bucket: Annotated[str, Field(alias="BUCKET", min_length=1)]
    quality_table: Annotated[str, Field(alias="QUALITY_TABLE", min_length=1)]
    registrations_table: Annotated[str, Field(alias="REGISTRATIONS_TABLE", min_length=1)]


class SuspensionsSettings(_Settings):
    """What the suspensions function needs."""

    suspensions_table: Annotated[str, Field(alias="SUSPENSIONS_TABLE", min_length=1)]


class PrivacyLogSettings(_PersonSettings):
    """What the function of the privacy log needs."""

    privacy_log_table: Annotated[str, Field(alias="PRIVACY_LOG_TABLE", min_length=1)]


class RegistrationsSettings(_PersonSettings):
    """What the registrations function needs."""

    registrations_table: Annotated[str, Field(alias="REGISTRATIONS_TABLE", min_length=1)]
    privacy_log_table: Annotated[str, Field(alias="PRIVACY_LOG_TABLE", min_length=1)]
