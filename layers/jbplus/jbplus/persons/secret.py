"""The secret that holds the pseudonym keys."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jbplus.aws.errors import translated
from jbplus.errors import UnavailableError
from jbplus.persons.pseudonym import InvalidKeysError, Pseudonyms

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

# Long enough to cost nothing, short enough that a warm function takes up a new key the same hour.
_KEPT_FOR = 900.0


@dataclass(slots=True)
class PseudonymSecret:
    """Gives the pseudonym keys, and remembers them for a quarter of an hour.

    Attributes:
        client: the Secrets Manager client.
        arn: the secret.
        monotonic: gives a number of seconds that only grows.
    """

    client: "SecretsManagerClient"
    arn: str
    monotonic: Callable[[], float] = time.monotonic
    _known: Pseudonyms | None = field(default=None, init=False)
    _read_at: float = field(default=0.0, init=False)

    def current(self) -> Pseudonyms:
        """Give the keys.

        Raises:
            UnavailableError: the secret is out of reach, or does not hold keys.
        """
        now = self.monotonic()
        if self._known is None or now - self._read_at > _KEPT_FOR:
            with translated("secretsmanager:GetSecretValue"):
                secret = self.client.get_secret_value(SecretId=self.arn)["SecretString"]
            try:
                self._known = Pseudonyms.from_secret(secret)
            except InvalidKeysError as error:
                raise UnavailableError(f"pseudonym secret: {error}") from None
            self._read_at = now
        return self._known
