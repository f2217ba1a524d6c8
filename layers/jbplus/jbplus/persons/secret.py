"""The secret that holds the pseudonym keys."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jbplus.aws.errors import translated
from jbplus.errors import UnavailableError
from jbplus.persons.pseudonym import InvalidKeysError, KeyRing, Pseudonyms
from jbplus.persons.rotation import KeysInUse
from jbplus.persons.table import DynamoStanding, StandingItem

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_secretsmanager import SecretsManagerClient

# Long enough to cost nothing; who finds the tables at another version reads again at once.
_KEPT_FOR = 900.0


@dataclass(slots=True)
class PseudonymSecret:
    """Gives the pseudonym keys, and remembers them.

    Attributes:
        client: the Secrets Manager client.
        arn: the secret.
        monotonic: gives a number of seconds that only grows.
        kept_for: how long the keys are remembered, in seconds.
    """

    client: "SecretsManagerClient"
    arn: str
    monotonic: Callable[[], float] = time.monotonic
    kept_for: float = _KEPT_FOR
    _known: KeyRing | None = field(default=None, init=False)
    _read_at: float = field(default=0.0, init=False)

    def ring(self, anew: bool = False) -> KeyRing:  # noqa: FBT001, FBT002 - handed on as a callable
        """Give the keys.

        Args:
            anew: whether the secret is read though its keys are remembered.

        Raises:
            UnavailableError: the secret is out of reach, or does not hold keys.
        """
        now = self.monotonic()
        if anew or self._known is None or now - self._read_at > self.kept_for:
            with translated("secretsmanager:GetSecretValue"):
                secret = self.client.get_secret_value(SecretId=self.arn)["SecretString"]
            try:
                self._known = KeyRing.from_secret(secret)
            except InvalidKeysError as error:
                raise UnavailableError(f"pseudonym secret: {error}") from None
            self._read_at = now
        return self._known

    def pseudonyms(self) -> Pseudonyms:
        """Give what makes the pseudonyms of all keys, to who reads no table that is kept under one version.

        Raises:
            UnavailableError: the secret is out of reach, or does not hold keys.
        """
        return self.ring().pseudonyms


def keys_in_use(
    secrets: "SecretsManagerClient", arn: str, dynamodb: "DynamoDBClient", *items: StandingItem
) -> KeysInUse:
    """Give the keys that tables are at.

    Args:
        secrets: the Secrets Manager client.
        arn: the secret.
        dynamodb: the DynamoDB client.
        items: where the tables that are used tell which version they are at.
    """
    return KeysInUse(PseudonymSecret(secrets, arn).ring, DynamoStanding(dynamodb, items, time.sleep).read)
