"""The environment of the functions."""

import pytest
from pydantic import ValidationError

from jbplus.settings import (
    CheckpointsSettings,
    ConsultationSettings,
    DropserverSettings,
    EndedPartiesSettings,
    IntakeReleaseSettings,
    IntakeSettings,
    IntakeWatchSettings,
    PrivacyLogSettings,
    QualitySettings,
    RegistrationsSettings,
    StatisticsPublishingSettings,
    StatisticsSettings,
    SuspensionsSettings,
)

Settings = (
    type[IntakeSettings]
    | type[CheckpointsSettings]
    | type[IntakeReleaseSettings]
    | type[IntakeWatchSettings]
    | type[StatisticsSettings]
    | type[StatisticsPublishingSettings]
    | type[ConsultationSettings]
    | type[SuspensionsSettings]
    | type[QualitySettings]
    | type[RegistrationsSettings]
    | type[PrivacyLogSettings]
    | type[DropserverSettings]
    | type[EndedPartiesSettings]
)

SUCCESSION = {"SUCCESSION_ALLOWED": "false", "PERSONS_TABLE": "p"}
SECRET = {"PSEUDONYM_SECRET": "arn:secret", "TEST_NUMBERS_ALLOWED": "false"}
CALLS = {"IGNORED_QUERY_PARAMETERS": "a,b"}
INTAKE_WATCH = {"BUCKET": "b", "LEDGER_TABLE": "l"}
STATISTICS = CALLS | {"STATISTICS_TABLE": "a"}
STATISTICS_PUBLISHING = {"STATISTICS_TABLE": "a", "BUCKET": "b"} | SUCCESSION
INTAKE_RELEASE = SECRET | SUCCESSION | {"BUCKET": "b", "RETENTION_YEARS": "5"}
INTAKE = INTAKE_RELEASE | {"LEDGER_TABLE": "l", "INTAKE_FUNCTION": "f"}
SUSPENSIONS = CALLS | {"SUSPENSIONS_TABLE": "s"}
QUALITY = (
    SECRET
    | SUCCESSION
    | CALLS
    | {"BUCKET": "b", "QUALITY_TABLE": "q", "REGISTRATIONS_TABLE": "r", "PRIVACY_LOG_TABLE": "g"}
)
CONSULTATION = SECRET | SUCCESSION | SUSPENSIONS | {"REGISTRATIONS_TABLE": "r", "PRIVACY_LOG_TABLE": "g"}
REGISTRATIONS = (
    SECRET | SUCCESSION | CALLS | {"REGISTRATIONS_TABLE": "r", "PRIVACY_LOG_TABLE": "g", "REGISTRATIONS_PER_DAY": "9"}
)
ENDED_PARTIES = {"BUCKET": "b", "NOTICES_TABLE": "n", "REGISTRATIONS_TABLE": "r", "PRIVACY_LOG_TABLE": "g"}
PRIVACY_LOG = SECRET | CALLS | {"PRIVACY_LOG_TABLE": "g"}
CHECKPOINTS = {"BUCKET": "b", "SEGMENTS_BUCKET": "s", "PRIVACY_LOG_TABLE": "g", "SIGNING_KEYS": "arn:1,arn:2"}
DROPSERVER = {
    "BUCKET": "b",
    "SUSPENSIONS_TABLE": "s",
    "DROPSERVER_HOST": "ftps.example",
    "DROPSERVER_PORT": "21",
    "DROPSERVER_TLS": "explicit",
    "DROPSERVER_TIMEOUT": "30",
    "DROPSERVER_PATIENCE": "120",
    "DROPSERVER_FILE_SECONDS": "300",
    "DROPSERVER_BROKEN_AFTER": "60",
    "DROPSERVER_SECRET": "arn:secret",
    "DROPSERVER_INCOMING": "From_Vip",
    "DROPSERVER_PATTERN": "*.json",
    "DROPSERVER_AFTER_TAKING": "remove",
    "DROPSERVER_OUTGOING": "To_Vip/{party}",
    "DROPSERVER_SETTLE": "10",
}
MAY_BE_EMPTY = {"IGNORED_QUERY_PARAMETERS"}
IGNORED = {"ignored_query_parameters": frozenset({"a", "b"})}
FUNCTIONS: list[tuple[Settings, dict[str, str]]] = [
    (IntakeSettings, INTAKE),
    (IntakeReleaseSettings, INTAKE_RELEASE),
    (IntakeWatchSettings, INTAKE_WATCH),
    (StatisticsSettings, STATISTICS),
    (StatisticsPublishingSettings, STATISTICS_PUBLISHING),
    (ConsultationSettings, CONSULTATION),
    (SuspensionsSettings, SUSPENSIONS),
    (QualitySettings, QUALITY),
    (RegistrationsSettings, REGISTRATIONS),
    (PrivacyLogSettings, PRIVACY_LOG),
    (DropserverSettings, DROPSERVER),
    (EndedPartiesSettings, ENDED_PARTIES),
    (CheckpointsSettings, CHECKPOINTS),
]


def test_the_variables_of_a_function_are_read() -> None:
    intake = IntakeSettings.from_environment(INTAKE | {"TEST_NUMBERS_ALLOWED": "true", "PATH": "/usr/bin"})
    release = IntakeReleaseSettings.from_environment(INTAKE_RELEASE)
    watch = IntakeWatchSettings.from_environment(INTAKE_WATCH)
    consultation = ConsultationSettings.from_environment(CONSULTATION)
    registrations = RegistrationsSettings.from_environment(REGISTRATIONS)

    assert intake.model_dump() == {
        "pseudonym_secret": "arn:secret",
        "test_numbers_allowed": True,
        "bucket": "b",
        "persons_table": "p",
        "succession_allowed": False,
        "ledger_table": "l",
        "retention_years": 5,
        "function_name": "f",
    }
    assert release.model_dump() == {
        "pseudonym_secret": "arn:secret",
        "test_numbers_allowed": False,
        "bucket": "b",
        "persons_table": "p",
        "succession_allowed": False,
        "retention_years": 5,
    }
    assert watch.model_dump() == {"bucket": "b", "ledger_table": "l"}
    statistics = StatisticsPublishingSettings.from_environment(STATISTICS_PUBLISHING)
    assert statistics.model_dump() == {
        "bucket": "b",
        "statistics_table": "a",
        "persons_table": "p",
        "succession_allowed": False,
    }
    assert StatisticsSettings.from_environment(STATISTICS).model_dump() == IGNORED | {"statistics_table": "a"}
    assert consultation.model_dump() == IGNORED | {
        "pseudonym_secret": "arn:secret",
        "test_numbers_allowed": False,
        "persons_table": "p",
        "succession_allowed": False,
        "registrations_table": "r",
        "privacy_log_table": "g",
        "suspensions_table": "s",
    }
    assert PrivacyLogSettings.from_environment(PRIVACY_LOG).model_dump() == IGNORED | {
        "pseudonym_secret": "arn:secret",
        "test_numbers_allowed": False,
        "privacy_log_table": "g",
    }
    assert CheckpointsSettings.from_environment(CHECKPOINTS).model_dump() == {
        "bucket": "b",
        "segments_bucket": "s",
        "privacy_log_table": "g",
        "signing_keys": ("arn:1", "arn:2"),
    }
    assert DropserverSettings.from_environment(DROPSERVER).model_dump() == {
        "bucket": "b",
        "suspensions_table": "s",
        "dropserver_host": "ftps.example",
        "dropserver_port": 21,
        "dropserver_tls": "explicit",
        "dropserver_timeout": 30.0,
        "dropserver_patience": 120.0,
        "dropserver_file_seconds": 300.0,
        "dropserver_broken_after": 60,
        "dropserver_secret": "arn:secret",
        "dropserver_incoming": "From_Vip",
        "dropserver_pattern": "*.json",
        "dropserver_after_taking": "remove",
        "dropserver_outgoing": "To_Vip/{party}",
        "dropserver_settle": 10.0,
    }
    assert registrations.model_dump() == IGNORED | {
        "pseudonym_secret": "arn:secret",
        "test_numbers_allowed": False,
        "persons_table": "p",
        "succession_allowed": False,
        "registrations_table": "r",
        "privacy_log_table": "g",
        "registrations_per_day": 9,
    }


@pytest.mark.parametrize(
    ("model", "environment", "variable"),
    [
        pytest.param(model, environment, variable, id=f"{model.__name__}-{variable}")
        for model, environment in FUNCTIONS
        for variable in environment
    ],
)
def test_a_missing_or_empty_variable_stops_the_function_and_is_named(
    model: Settings, environment: dict[str, str], variable: str
) -> None:
    without = {name: value for name, value in environment.items() if name != variable}

    for broken in (without, without | {variable: ""})[: 1 if variable in MAY_BE_EMPTY else 2]:
        with pytest.raises(ValidationError) as refused:
            model.from_environment(broken)
        assert [error["loc"] for error in refused.value.errors()] == [(variable,)]


@pytest.mark.parametrize(
    ("variable", "value"),
    [("RETENTION_YEARS", "0"), ("RETENTION_YEARS", "five"), ("TEST_NUMBERS_ALLOWED", "perhaps")],
)
def test_a_bad_variable_is_refused_without_its_value(variable: str, value: str) -> None:
    with pytest.raises(ValidationError) as refused:
        IntakeSettings.from_environment(INTAKE | {variable: value, "BUCKET": "secret-bucket"})

    assert variable in str(refused.value)
    assert [shown for shown in (repr(value), "secret-bucket", "arn:secret") if shown in str(refused.value)] == []


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DROPSERVER_PORT", "70000"),
        ("DROPSERVER_TLS", "none"),
        ("DROPSERVER_TIMEOUT", "0"),
        ("DROPSERVER_FILE_SECONDS", "1000"),
        ("DROPSERVER_OUTGOING", "To_Vip"),
        ("DROPSERVER_SETTLE", "0"),
        ("DROPSERVER_SETTLE", "nan"),
    ],
)
def test_a_dropserver_that_cannot_work_is_refused(variable: str, value: str) -> None:
    with pytest.raises(ValidationError, match=variable):
        DropserverSettings.from_environment(DROPSERVER | {variable: value})


@pytest.mark.parametrize(("text", "names"), [("", set()), ("a", {"a"}), ("a,b.c", {"a", "b.c"})])
def test_names_of_parameters_stand_with_commas_between(text: str, names: set[str]) -> None:
    settings = StatisticsSettings.from_environment(STATISTICS | {"IGNORED_QUERY_PARAMETERS": text})

    assert settings.ignored_query_parameters == names
