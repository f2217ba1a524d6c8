"""The keys that sign checkpoints; they never leave KMS."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from jbplus.aws.errors import translated

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient


@dataclass(frozen=True)
class KmsSigner:
    """Signs with keys of KMS.

    Attributes:
        client: the KMS client.
        names: the keys' ARNs; the last is the one to use from now on.
    """

    client: "KMSClient"
    names: Sequence[str]

    def keys(self) -> Sequence[bytes]:
        """Give the public keys, as SubjectPublicKeyInfo, in the order of the names."""
        return list(self._names)

    def sign(self, message: bytes, key: bytes) -> bytes:
        """Sign with one of the keys: ECDSA on P-256 with SHA-256, in DER."""
        with translated("kms:Sign"):
            return self.client.sign(
                KeyId=self._names[key], Message=message, MessageType="RAW", SigningAlgorithm="ECDSA_SHA_256"
            )["Signature"]

    @cached_property
    def _names(self) -> dict[bytes, str]:
        with translated("kms:GetPublicKey"):
            return {self.client.get_public_key(KeyId=name)["PublicKey"]: name for name in self.names}
