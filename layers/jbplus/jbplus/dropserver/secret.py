"""The secret with what it takes to be let in on the dropserver."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from jbplus.aws.errors import translated
from jbplus.errors import UnavailableError
from jbplus.ftps.access import Access

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

_Text = Annotated[str, Field(min_length=1)]


class _Content(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    user: _Text
    password: str = ""
    ca: _Text
    certificate: _Text
    key: _Text


@dataclass(frozen=True, slots=True)
class DropserverSecret:
    """Gives access to the dropserver.

    Attributes:
        client: the Secrets Manager client.
        arn: the secret: JSON with `user`, `password` (where there is one), `ca`, `certificate` and `key`, in PEM.
        host: the server's name.
        port: its port.
        timeout: how long the server may be silent, in seconds.
        patience: how long it may take to confirm a file, in seconds.
        implicit: whether TLS begins at once.
    """

    client: "SecretsManagerClient"
    arn: str
    host: str
    port: int
    timeout: float = 30
    patience: float = 120
    implicit: bool = False

    def access(self) -> Access:
        """Read the secret anew: a new certificate is used from the next round.

        Raises:
            UnavailableError: the secret is out of reach, or does not have its form.
        """
        with translated("secretsmanager:GetSecretValue"):
            secret = self.client.get_secret_value(SecretId=self.arn)["SecretString"]
        try:
            content = _Content.model_validate_json(secret)
        except ValidationError as error:
            wrong = sorted({str(finding["loc"][0]) if finding["loc"] else "JSON" for finding in error.errors()})
            # A key that does not belong there may be a value in the wrong place.
            named = [name if name in _Content.model_fields or name == "JSON" else "another key" for name in wrong]
            raise UnavailableError(
                f"dropserver secret: wrong or missing: {', '.join(named)}; "
                "it is JSON with user, password (optional), ca, certificate and key"
            ) from None
        return Access(
            self.host,
            self.port,
            **content.model_dump(),
            timeout=self.timeout,
            patience=self.patience,
            implicit=self.implicit,
        )
