"""Whether the API can have its own name, with callers that show a certificate (Article 6)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Protocol, Self

from botocore.exceptions import ClientError
from cryptography import x509

from deploy.environments import DeployError, Environment

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_TOGETHER: Final = ("DomainName", "DomainCertificate", "Truststore", "TruststoreVersion")
_REACHABLE: Final = (
    "Without DomainName the API is reachable past MAGDA, and real persons are in it (Article 6). Say DomainName, "
    'DomainCertificate, Truststore and TruststoreVersion: docs/deploy.md, "Only via MAGDA".'
)
_ARN: Final = re.compile(r"arn:[a-z-]+:acm:([a-z0-9-]+):[0-9]{12}:certificate/[A-Za-z0-9-]+")
_PLACE: Final = re.compile(r"s3://([a-z0-9.-]+)/(\S+)")


class Certificates(Protocol):
    """The client of ACM, as far as it is used here."""

    def describe_certificate(self, **named: str) -> Mapping[str, Any]:
        """Describe a certificate."""


@dataclass(frozen=True, slots=True)
class Domain:
    """The API's own name.

    Attributes:
        name: the name.
        certificate: ARN of its certificate.
        bucket: bucket of the file with who vouches for callers.
        key: key of that file.
        version: version of that file.
    """

    name: str
    certificate: str
    bucket: str
    key: str
    version: str

    @classmethod
    def of(cls, parameters: Mapping[str, str], region: str) -> Self | None:
        """Read the parameters: the domain, or None when there is to be none.

        Raises:
            DeployError: they do not go together.
        """
        given = {name: parameters.get(name, "") for name in _TOGETHER}
        if not any((*given.values(), parameters.get("DomainOwnershipCertificate"))):
            return None
        if missing := [name for name, value in given.items() if not value]:
            raise DeployError(
                f"Parameters of the API's own name go together, and {', '.join(missing)} "
                f"{'is' if len(missing) == 1 else 'are'} missing: without them anybody could connect."
            )
        arn, place = _ARN.fullmatch(given["DomainCertificate"]), _PLACE.fullmatch(given["Truststore"])
        if arn is None or arn[1] != region:
            raise DeployError(f"DomainCertificate must be the ARN of a certificate of ACM in {region}.")
        if place is None:
            raise DeployError("Truststore must be written as s3://bucket/key.")
        return cls(given["DomainName"], given["DomainCertificate"], place[1], place[2], given["TruststoreVersion"])


def objection(environment: Environment, acm: Certificates, s3: "S3Client", now: datetime | None = None) -> str | None:
    """Say why the API cannot have its own name, or must have one; None when nothing speaks against what is wanted.

    Real persons are reached only via MAGDA (Article 6): without a name of its own, the API answers anybody who has a
    token, under the address that AWS gives it.

    Args:
        environment: what is deployed, where.
        acm: the client of the certificates.
        s3: the client of the file with who vouches for callers.
        now: the moment at which certificates must hold; None for the present.
    """
    try:
        domain = Domain.of(environment.parameters, environment.region)
    except DeployError as error:
        return str(error)
    if domain is None:
        return None if environment.has_test_numbers else _REACHABLE
    moment = now or datetime.now(UTC)
    return "\n".join(filter(None, (_of_certificate(domain, acm, moment), _of_truststore(domain, s3, moment)))) or None


def _of_certificate(domain: Domain, acm: Certificates, now: datetime) -> str | None:
    try:
        found = acm.describe_certificate(CertificateArn=domain.certificate)["Certificate"]
    except ClientError as error:
        return f"DomainCertificate cannot be looked at ({error.response['Error'].get('Code')}): check the ARN."
    if found.get("Status") != "ISSUED" or found.get("NotAfter", now) <= now:
        return f"DomainCertificate is not valid: ACM says {found.get('Status')}. Have it issued, or renew it."
    names = {found.get("DomainName", ""), *found.get("SubjectAlternativeNames", [])}
    if not names & {domain.name, f"*.{domain.name.partition('.')[2]}"}:
        return f"DomainCertificate is for {', '.join(sorted(names))}, and not for {domain.name}."
    return None


def _of_truststore(domain: Domain, s3: "S3Client", now: datetime) -> str | None:
    try:
        content = s3.get_object(Bucket=domain.bucket, Key=domain.key, VersionId=domain.version)["Body"].read()
    except ClientError as error:
        return (
            f"Truststore cannot be read in that version ({error.response['Error'].get('Code')}): check bucket, key "
            "and TruststoreVersion. The bucket keeps versions."
        )
    try:
        authorities = x509.load_pem_x509_certificates(content)
    except ValueError:
        return "Truststore is no file of certificates in PEM."
    if not all(map(_may_vouch, authorities)):
        return "Truststore holds a certificate of no authority: who has it would vouch for nobody."
    if ended := [each for each in authorities if each.not_valid_after_utc <= now]:
        return f"Truststore holds a certificate that has ended: {ended[0].subject.rfc4514_string()}. Leave it out."
    return None


def _may_vouch(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False
