"""Whether an account and a region have room for a stack."""

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from deploy.environments import Environment

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client

_LONGEST_BUCKET: Final = 63
_ACCOUNT_DIGITS: Final = 12
_UNRESERVED: Final = 100
"""Lambda leaves at least so much of an account's concurrency to functions that set none apart."""

AGAIN: Final = "docs/deploy.md, 'A stack made again', says how it takes up what the former one left."


def name_objection(environment: Environment) -> str | None:
    """Say why the stack cannot bear its name; None when it can. The bucket bears it too, whose name is limited."""
    longest = _LONGEST_BUCKET - len(environment.bucket.format(account="0" * _ACCOUNT_DIGITS)) + len(environment.stack)
    if re.fullmatch(rf"[a-z][a-z0-9-]{{0,{longest - 1}}}", environment.stack):
        return None
    return (
        f"The stack's name is part of the bucket's, so it has small letters, digits and hyphens, begins with a letter "
        f"and is at most {longest} long in {environment.region}: {environment.stack} is not."
    )


def bucket_objection(s3: "S3Client", bucket: str) -> str | None:
    """Say why a new stack cannot have its bucket: there is one of that name; None when there is not."""
    try:
        s3.head_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == HTTPStatus.NOT_FOUND:
            return None
        return f"Whether bucket {bucket} is there is not to be seen (it may be another account's): check your rights."
    return (
        f"Bucket {bucket} is there, left by a former stack. A new one would have new tables and another pseudonym "
        f"key, with which what was kept cannot be read. {AGAIN}"
    )


def quota_objection(functions: "LambdaClient", environment: Environment) -> str | None:
    """Say that the account has too little concurrency for what the stack sets apart; None when it has enough."""
    limit = functions.get_account_settings()["AccountLimit"]["ConcurrentExecutions"]
    if not environment.reserved or limit - environment.reserved >= _UNRESERVED:
        return None
    return (
        f"The stack sets {environment.reserved} of Lambda's concurrency apart, and the account has {limit}, of which "
        f"{_UNRESERVED} must stay free. Ask for more (Service Quotas, Lambda, Concurrent executions), or deploy with "
        "IntakeConcurrency=-1 and without DropserverHost until then."
    )
