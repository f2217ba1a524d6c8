"""What speaks against the API having its own name, with callers that show a certificate (Article 6)."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import boto3
import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber
from deploy import domain
from deploy.environments import Environment

from jbplus_local.certificates import Authority

NOW = datetime.now(UTC)
ARN = "arn:aws:acm:eu-central-1:123456789012:certificate/a-1"
GIVEN = {
    "DomainName": "jbplus.example.be",
    "DomainCertificate": ARN,
    "Truststore": "s3://jbplus-truststore/magda.pem",
    "TruststoreVersion": "v-1",
}
ISSUED = {"Status": "ISSUED", "DomainName": "jbplus.example.be", "NotAfter": NOW + timedelta(days=9)}
AUTHORITY = Authority("MAGDA")


def objection(
    parameters: dict[str, str],
    certificate: dict[str, Any] | str | None = None,
    truststore: str | None = None,
    moment: datetime = NOW,
) -> str | None:
    """Look at parameters; a text instead of a certificate is AWS's refusal, and no trust store one of S3."""
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="eu-central-1")
    acm, s3 = session.client("acm"), session.client("s3")
    with Stubber(acm) as of_acm, Stubber(s3) as of_s3:
        if isinstance(certificate, str):
            of_acm.add_client_error("describe_certificate", certificate)
        elif certificate is not None:
            asked = {"CertificateArn": ARN}
            of_acm.add_response("describe_certificate", {"Certificate": certificate}, asked)
        if truststore is None:
            of_s3.add_client_error("get_object", "NoSuchVersion")
        else:
            content = truststore.encode()
            body = {"Body": StreamingBody(BytesIO(content), len(content))}
            of_s3.add_response(
                "get_object", body, {"Bucket": "jbplus-truststore", "Key": "magda.pem", "VersionId": "v-1"}
            )
        environment = Environment("production", "jbplus", "eu-central-1", parameters)
        return domain.objection(environment, acm, s3, moment)


@pytest.mark.parametrize(
    "certificate",
    [
        ISSUED,
        {**ISSUED, "DomainName": "*.example.be"},
        {**ISSUED, "DomainName": "example.be", "SubjectAlternativeNames": ["jbplus.example.be"]},
    ],
)
def test_nothing_speaks_against_a_whole_and_valid_one(certificate: dict[str, Any]) -> None:
    assert objection(GIVEN, certificate, AUTHORITY.certificate) is None


def test_with_test_persons_a_domain_is_not_needed_and_nothing_is_looked_at() -> None:
    assert objection({"Issuer": "https://issuer.example", "TestNumbersAllowed": "true"}) is None


@pytest.mark.parametrize("more", [{}, {"TestNumbersAllowed": "false"}])
def test_real_persons_are_not_reachable_past_magda(more: dict[str, str]) -> None:
    said = objection({"Issuer": "https://issuer.example", **more}) or ""

    assert "reachable past MAGDA" in said
    assert "DomainName" in said


@pytest.mark.parametrize("name", GIVEN)
def test_the_parameters_go_together(name: str) -> None:
    said = objection({key: value for key, value in GIVEN.items() if key != name}) or ""

    assert f"{name} is missing" in said
    assert "anybody could connect" in said


def test_a_proof_of_ownership_alone_is_not_enough() -> None:
    said = objection({"DomainOwnershipCertificate": ARN}) or ""

    assert "DomainName, DomainCertificate, Truststore, TruststoreVersion are missing" in said


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"DomainCertificate": ARN.replace("eu-central-1", "us-east-1")}, "of ACM in eu-central-1"),
        ({"DomainCertificate": "a-1"}, "must be the ARN"),
        ({"Truststore": "https://a-bucket/magda.pem"}, "s3://bucket/key"),
    ],
)
def test_what_is_written_otherwise_is_said(changed: dict[str, str], words: str) -> None:
    assert words in (objection({**GIVEN, **changed}) or "")


@pytest.mark.parametrize(
    ("certificate", "words"),
    [
        ("ResourceNotFoundException", "cannot be looked at (ResourceNotFoundException)"),
        ({**ISSUED, "Status": "PENDING_VALIDATION"}, "ACM says PENDING_VALIDATION"),
        ({**ISSUED, "NotAfter": NOW}, "is not valid"),
        ({**ISSUED, "DomainName": "other.example.be"}, "for other.example.be, and not for jbplus.example.be"),
        ({**ISSUED, "DomainName": "*.jbplus.example.be"}, "not for jbplus.example.be"),
    ],
)
def test_a_certificate_that_does_not_fit_is_said(certificate: dict[str, Any] | str, words: str) -> None:
    assert words in (objection(GIVEN, certificate, AUTHORITY.certificate) or "")


@pytest.mark.parametrize(
    ("truststore", "words"),
    [
        pytest.param(None, "cannot be read in that version (NoSuchVersion)", id="not there"),
        pytest.param("nothing", "no file of certificates", id="no certificates"),
        pytest.param(
            AUTHORITY.certificate + AUTHORITY.client("infino").certificate,
            "a certificate of no authority",
            id="a client",
        ),
    ],
)
def test_a_trust_store_that_nobody_could_use_is_said(truststore: str | None, words: str) -> None:
    assert words in (objection(GIVEN, ISSUED, truststore) or "")


def test_an_authority_that_has_ended_is_said_and_so_is_all_else_that_is_wrong() -> None:
    far = NOW + timedelta(days=40_000)

    said = objection(GIVEN, {**ISSUED, "Status": "REVOKED"}, AUTHORITY.certificate, far) or ""

    assert "has ended: CN=MAGDA" in said
    assert "ACM says REVOKED" in said
