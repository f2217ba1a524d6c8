"""The settings of a stack as AWS tells them: what is really so, whatever the template says (Articles 3 and 6)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from jbplus_cli.evidence.folder import Row
from jbplus_cli.stack.aws import Clients, aws_errors
from jbplus_cli.stack.target import Target
from jbplus_recipient.errors import ExchangeError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client

COLUMNS: Final = ("of", "setting", "value")
_SILENT: Final = frozenset({"AlarmEmail"})
"""Parameters that may name somebody: only whether they are set is told."""
_ABSENT: Final = frozenset(
    {"NoSuchLifecycleConfiguration", "NoSuchPublicAccessBlockConfiguration", "ObjectLockConfigurationNotFoundError"}
)

Read = Callable[[], Iterator[tuple[str, str]]]


@dataclass
class Settings:
    """Reads the settings of a stack, thing by thing; what cannot be read is said, and the rest is read.

    Attributes:
        aws: the stack's services.
        target: the stack.
        missing: what could not be read, in words.
    """

    aws: Clients
    target: Target
    missing: list[str] = field(default_factory=list)

    def rows(self) -> Iterator[Row]:
        """Read all of them."""
        resources: dict[str, list[tuple[str, str]]] = {}

        def stack() -> Iterator[tuple[str, str]]:
            cloudformation = self.aws.cloudformation()
            (found,) = cloudformation.describe_stacks(StackName=self.target.name)["Stacks"]
            yield "status", found.get("StackStatus", "")
            yield "changed", str(found.get("LastUpdatedTime", found.get("CreationTime", "")))
            for each in found.get("Parameters", []):
                name, value = each["ParameterKey"], each["ParameterValue"]
                yield f"parameter {name}", ("set" if value else "not set") if name in _SILENT else value
            pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=self.target.name)
            for part in (each for page in pages for each in page["StackResourceSummaries"]):
                names = (part["LogicalResourceId"], part.get("PhysicalResourceId", ""))
                resources.setdefault(part["ResourceType"], []).append(names)

        yield from self._of(f"stack {self.target.name}", stack)
        yield from self._things(resources, "AWS::DynamoDB::Table", "table", self._table)
        yield from self._things(resources, "AWS::S3::Bucket", "bucket", self._bucket)
        yield from self._things(resources, "AWS::Lambda::Function", "function", self._function)
        yield from self._things(resources, "AWS::ApiGatewayV2::Api", "API", self._api)
        yield from self._of("log groups", self._log_groups)
        yield from self._of("alarms", self._alarms)

    @cached_property
    def _dynamodb(self) -> "DynamoDBClient":
        return self.aws.dynamodb()

    @cached_property
    def _s3(self) -> "S3Client":
        return self.aws.s3()

    @cached_property
    def _functions(self) -> "LambdaClient":
        return self.aws.functions()

    def _things(
        self,
        resources: Mapping[str, list[tuple[str, str]]],
        kind: str,
        word: str,
        read: Callable[[str], Iterator[tuple[str, str]]],
    ) -> Iterator[Row]:
        for logical, physical in resources.get(kind, []):
            yield from self._of(f"{word} {logical}", lambda name=physical: read(name))  # type: ignore[misc]

    def _of(self, whose: str, read: Read) -> Iterator[Row]:
        try:
            with aws_errors(f"read the settings of {whose}", self.target.advice_when_unreachable):
                found = list(read())
        except ExchangeError as error:
            self.missing.append(str(error))
            return
        for setting, value in found:
            yield {"of": whose, "setting": setting, "value": value}

    def _table(self, name: str) -> Iterator[tuple[str, str]]:
        dynamodb = self._dynamodb
        table = dynamodb.describe_table(TableName=name)["Table"]
        encryption = table.get("SSEDescription", {})
        yield "encryption at rest", f"{encryption.get('SSEType', 'AWS')} {encryption.get('Status', '')}".strip()
        yield "encryption key", encryption.get("KMSMasterKeyArn", "AWS's own")
        yield "protected against deletion", _said(table.get("DeletionProtectionEnabled", False))
        ttl = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
        yield "deletion by term (TTL)", f"{ttl.get('TimeToLiveStatus', '')} {ttl.get('AttributeName', '')}".strip()
        backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
        recovery = backups.get("PointInTimeRecoveryDescription", {})
        yield "point-in-time recovery", recovery.get("PointInTimeRecoveryStatus", "DISABLED")

    def _bucket(self, name: str) -> Iterator[tuple[str, str]]:
        s3 = self._s3
        for rule in s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]:
            default = rule["ApplyServerSideEncryptionByDefault"]
            yield "encryption at rest", default["SSEAlgorithm"]
            yield "encryption key", default.get("KMSMasterKeyID", "AWS's own")
        yield "versions", s3.get_bucket_versioning(Bucket=name).get("Status", "off")
        terms = _or_none(s3, lambda: s3.get_bucket_lifecycle_configuration(Bucket=name)).get("Rules", [])
        for term in (each for each in terms if "Days" in each.get("Expiration", {})):
            prefix = term.get("Prefix") or term.get("Filter", {}).get("Prefix") or "all objects"
            days = f"{term['Expiration']['Days']} days"
            yield f"deletion of {prefix}", days if term["Status"] == "Enabled" else "off"
        closed = _or_none(s3, lambda: s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"])
        for setting, value in sorted(closed.items()):
            yield setting, _said(value)
        lock = _or_none(s3, lambda: s3.get_object_lock_configuration(Bucket=name)["ObjectLockConfiguration"])
        retention = lock.get("Rule", {}).get("DefaultRetention", {})
        kept = ", ".join(f"{word} {value}" for word, value in sorted(retention.items()))
        yield "Object Lock", f"{lock.get('ObjectLockEnabled', 'off')} {kept}".strip()

    def _function(self, name: str) -> Iterator[tuple[str, str]]:
        found = self._functions.get_function_configuration(FunctionName=name)
        yield "code (SHA-256)", found.get("CodeSha256", "")
        yield "changed", found.get("LastModified", "")
        yield "runtime", found.get("Runtime", "")
        for layer in found.get("Layers", []):
            yield "layer", layer.get("Arn", "")

    def _api(self, name: str) -> Iterator[tuple[str, str]]:
        for stage in self.aws.api_gateway().get_stages(ApiId=name)["Items"]:
            throttling = stage.get("DefaultRouteSettings", {})
            yield "requests a second for each route", str(throttling.get("ThrottlingRateLimit", "AWS's default"))
            yield "requests at once for each route", str(throttling.get("ThrottlingBurstLimit", "AWS's default"))

    def _log_groups(self) -> Iterator[tuple[str, str]]:
        pages = (
            self.aws.logs().get_paginator("describe_log_groups").paginate(logGroupNamePrefix=f"/{self.target.name}/")
        )
        for group in (each for page in pages for each in page["logGroups"]):
            key = "our key" if group.get("kmsKeyId") else "AWS's own key"
            yield group["logGroupName"], f"{group.get('retentionInDays', 'no end:')} days, {key}"

    def _alarms(self) -> Iterator[tuple[str, str]]:
        pages = self.aws.cloudwatch().get_paginator("describe_alarms").paginate(AlarmNamePrefix=f"{self.target.name}-")
        for alarm in (each for page in pages for each in page.get("MetricAlarms", [])):
            enabled = "" if alarm.get("ActionsEnabled", True) else ", tells nobody"
            yield alarm["AlarmName"], f"{alarm.get('StateValue', '')}{enabled}"


def _said(value: object) -> str:
    return "yes" if value else "no"


def _or_none(s3: Any, read: Callable[[], Any]) -> dict[str, Any]:  # noqa: ANN401 - one of boto3's clients
    """Read what S3 answers with an error when there is none."""
    try:
        return dict(read())
    except s3.exceptions.ClientError as error:
        if error.response["Error"].get("Code") not in _ABSENT:
            raise
        return {}
