"""Tables, bucket, secret and key: encryption, retention and protection."""

from fnmatch import fnmatch
from typing import Any

import pytest

from jbplus.aws import keys as tables
from jbplus.privacy_log.rules import KEPT_YEARS
from tests.template.expanded import Expanded, as_list, in_order, shortened

PERSONAL = ["PersonsTable", "PrivacyLogTable", "RegistrationsTable", "SuspensionsTable", "QualityTable"]
ABOUT_NOBODY = ["LedgerTable", "NoticesTable", "StatisticsTable"]
TABLES = [*PERSONAL, *ABOUT_NOBODY]
KEPT = [*TABLES, "FailureQueue", "EncryptionKey", "ExchangeBucket", "PseudonymSecret"]
KEPT += ["CheckpointKey", "SegmentsBucket", "SegmentsKey"]
# There by parameter alone; what is made again does without it.
KEPT_BY_CONDITION = ["TrailBucket"]

POLICY_VERSION = "2012-10-17"

KEYS = {
    "PersonsTable": [(tables.PERSON_KEY, "HASH", "S")],
    "RegistrationsTable": [(tables.PERSON_KEY, "HASH", "S"), (tables.PARTY_KEY, "RANGE", "S")],
    "PrivacyLogTable": [(tables.SUBJECT_KEY, "HASH", "S"), (tables.ENTRY_KEY, "RANGE", "S")],
    "SuspensionsTable": [(tables.PARTY_KEY, "HASH", "S")],
    "QualityTable": [(tables.PARTY_KEY, "HASH", "S"), (tables.REPORT_KEY, "RANGE", "S")],
    "NoticesTable": [(tables.PARTY_KEY, "HASH", "S"), (tables.ENTRY_KEY, "RANGE", "S")],
    "LedgerTable": [(tables.SERIES_KEY, "HASH", "S"), (tables.NUMBER_KEY, "RANGE", "N")],
    "StatisticsTable": [(tables.FISCAL_YEAR_KEY, "HASH", "N"), (tables.MONTH_KEY, "RANGE", "S")],
}


def test_every_table_is_listed(expanded: Expanded) -> None:
    assert set(expanded.of_type("AWS::DynamoDB::Table")) == set(TABLES)


INDEXES = {
    "RegistrationsTable": (
        "GlobalSecondaryIndexes",
        tables.BY_HANDLE_INDEX,
        [tables.PARTY_KEY, tables.HANDLE_KEY],
    ),
    # By day, over all persons.
    "PrivacyLogTable": ("GlobalSecondaryIndexes", tables.BY_DAY_INDEX, [tables.DAY_KEY, tables.ENTRY_KEY]),
    # A local index is read consistently, in the order of time.
    "QualityTable": ("LocalSecondaryIndexes", tables.NEWEST_INDEX, [tables.PARTY_KEY, tables.ENTRY_KEY]),
}


PROJECTED = {"RegistrationsTable": {"ProjectionType": "INCLUDE", "NonKeyAttributes": [tables.KEY_VERSION]}}
"""What an index holds that finds items, to be read elsewhere."""


def key_schema(names: list[str]) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(names, ("HASH", "RANGE"), strict=False)]


@pytest.mark.parametrize("table", TABLES)
def test_table(expanded: Expanded, table: str) -> None:
    """Keys and TTL as the code writes them; encrypted, backed up, and only deleted on purpose."""
    types = {name: kind for name, _, kind in KEYS[table]}
    expected: dict[str, Any] = {
        "BillingMode": "PAY_PER_REQUEST",
        "DeletionProtectionEnabled": "DeletionProtection",
        "KeySchema": key_schema([name for name, _, _ in KEYS[table]]),
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
        "SSESpecification": {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": "EncryptionKey.Arn"},
    }
    if table in PERSONAL:
        expected["TimeToLiveSpecification"] = {"AttributeName": tables.TTL_ATTRIBUTE, "Enabled": True}
    if table in INDEXES:
        kind, index, names = INDEXES[table]
        types |= dict.fromkeys(names, "S")
        projection = PROJECTED.get(table, {"ProjectionType": "ALL"})
        expected[kind] = [{"IndexName": index, "KeySchema": key_schema(names), "Projection": projection}]
    properties = shortened(expanded.properties(table))
    attributes = properties.pop("AttributeDefinitions")
    assert {each["AttributeName"]: each["AttributeType"] for each in attributes} == types
    assert properties == expected


def test_a_deleted_stack_leaves_its_data(expanded: Expanded) -> None:
    policies = {
        name: (each.get("DeletionPolicy"), each.get("UpdateReplacePolicy"))
        for name, each in expanded.resources.items()
        if each["Type"] not in ("AWS::Lambda::LayerVersion", "AWS::Lambda::Version")
    }
    kept = {name: policy for name, policy in policies.items() if policy != (None, None)}
    assert kept == dict.fromkeys([*KEPT, *KEPT_BY_CONDITION], ("RetainExceptOnCreate", "Retain"))


def test_bucket_is_closed_encrypted_and_versioned(expanded: Expanded) -> None:
    properties = shortened(expanded.properties("ExchangeBucket"))
    for tested_below in ("LifecycleConfiguration", "NotificationConfiguration"):
        assert properties.pop(tested_below)
    assert properties == {
        "BucketName": "${AWS::StackName}-exchange-${AWS::AccountId}-${AWS::Region}",
        "VersioningConfiguration": {"Status": "Enabled"},
        "BucketEncryption": {
            "ServerSideEncryptionConfiguration": [
                {
                    "BucketKeyEnabled": True,
                    "ServerSideEncryptionByDefault": {
                        "SSEAlgorithm": "aws:kms",
                        "KMSMasterKeyID": "EncryptionKey.Arn",
                    },
                }
            ]
        },
        "PublicAccessBlockConfiguration": {
            "BlockPublicAcls": True,
            "BlockPublicPolicy": True,
            "IgnorePublicAcls": True,
            "RestrictPublicBuckets": True,
        },
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
    }


_HEADER = "s3:x-amz-"
NOTHING_IS_PUT = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:PutObject",
    "Resource": "${ExchangeBucket.Arn}/*",
}
UNDER_ANOTHER_KEY = {
    "Null": {f"{_HEADER}server-side-encryption": "false"},
    "StringNotEquals": {f"{_HEADER}server-side-encryption-aws-kms-key-id": "EncryptionKey.Arn"},
}
UNDER_A_KEY_OF_THE_SENDER = {"Null": {f"{_HEADER}server-side-encryption-customer-algorithm": "false"}}
# What S3 knows of an upload: the names of the headers that ask for encryption, without `x-amz-`.
_NAMED = {"server-side-encryption": "aws:kms", "server-side-encryption-aws-kms-key-id": "EncryptionKey.Arn"}
_FOREIGN = {"server-side-encryption": "aws:kms", "server-side-encryption-aws-kms-key-id": "foreign"}


@pytest.mark.parametrize(
    ("asked", "is_put"),
    [
        pytest.param({}, True, id="the bucket's own"),
        pytest.param(_NAMED, True, id="our key by name"),
        pytest.param({"server-side-encryption": "aws:kms"}, False, id="KMS without a key: AWS's own"),
        pytest.param(_FOREIGN, False, id="a foreign key"),
        pytest.param({"server-side-encryption": "AES256"}, False, id="S3's own keys"),
        pytest.param(_NAMED | {"server-side-encryption": "aws:kms:dsse"}, True, id="our key in two layers"),
        pytest.param({"server-side-encryption": "aws:kms:dsse"}, False, id="AWS's own key in two layers"),
        pytest.param({"server-side-encryption-customer-algorithm": "AES256"}, False, id="a key of the sender"),
    ],
)
def test_what_is_put_is_under_our_key(asked: dict[str, str], *, is_put: bool) -> None:
    held = (_holds(condition, asked) for condition in (UNDER_ANOTHER_KEY, UNDER_A_KEY_OF_THE_SENDER))

    assert any(held) is not is_put


def _holds(condition: dict[str, dict[str, str]], asked: dict[str, str]) -> bool:
    """Tell whether a condition holds for an upload, as IAM does: all of its parts; absent is not equal."""
    given = {
        operator: {key: asked.get(key.removeprefix(_HEADER)) for key in keys} for operator, keys in condition.items()
    }
    absent = (str(value is None).lower() == condition["Null"][key] for key, value in given["Null"].items())
    other = (value != condition["StringNotEquals"][key] for key, value in given.get("StringNotEquals", {}).items())
    return all(absent) and all(other)


def test_bucket_takes_tls_only_and_nothing_under_a_foreign_key(expanded: Expanded) -> None:
    policy = shortened(expanded.properties("ExchangeBucketPolicy"))
    for statement in policy["PolicyDocument"]["Statement"]:
        assert statement.pop("Sid")
    assert policy == {
        "Bucket": "ExchangeBucket",
        "PolicyDocument": {
            "Version": POLICY_VERSION,
            "Statement": [
                {
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "s3:*",
                    "Resource": ["ExchangeBucket.Arn", "${ExchangeBucket.Arn}/*"],
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                },
                {**NOTHING_IS_PUT, "Condition": UNDER_ANOTHER_KEY},
                {**NOTHING_IS_PUT, "Condition": UNDER_A_KEY_OF_THE_SENDER},
            ],
        },
    }


def test_terms_of_files(expanded: Expanded) -> None:
    """Article 3b through the contract: the files repeat what the tables keep, so they go sooner."""
    rules = [dict(rule) for rule in expanded.properties("ExchangeBucket")["LifecycleConfiguration"]["Rules"]]
    ids = [rule.pop("Id") for rule in rules]
    assert len(ids) == len(set(ids))
    assert rules == [
        *(
            {"Status": "Enabled", "Prefix": prefix, "ExpirationInDays": days}
            for prefix, days in {
                "inkomend/": 90,
                "verwerkt/": 90,
                "voortgang/": 365,
                "bezoek/": 7,
                "quarantaine/": 90,
                "verslagen/": 365,
                "uitgaand/": 30,
                "verzonden/": 30,
                "toegepast/": 5 * 365 + 2,
                "wachtend/": 5 * 365 + 2,
            }.items()
        ),
        {
            "Status": "Enabled",
            "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
            "ExpiredObjectDeleteMarker": True,
        },
        {"Status": "Enabled", "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}},
    ]


def test_bucket_tells_functions_of_incoming_and_announced_files(expanded: Expanded) -> None:
    def told(function: str, prefix: str, suffix: str = "") -> dict[str, Any]:
        rules = [{"Name": "prefix", "Value": prefix}]
        rules += [{"Name": "suffix", "Value": suffix}] if suffix else []
        return {
            "Event": "s3:ObjectCreated:*",
            "Function": f"{function}Aliaslive",
            "Filter": {"S3Key": {"Rules": rules}},
        }

    configuration = shortened(expanded.properties("ExchangeBucket")["NotificationConfiguration"])
    assert configuration.keys() == {"LambdaConfigurations"}
    expected = [
        told("IntakeFunction", "inkomend/", ".json"),
        told("IntakeFunction", "inkomend/", ".json.gz"),
        told("NoticesFunction", "aangekondigd/"),
    ]
    assert in_order(configuration["LambdaConfigurations"]) == in_order(expected)


def test_the_bucket_comes_after_the_permissions_of_whom_it_tells(expanded: Expanded) -> None:
    """S3 refuses a notification to a function that does not take it."""
    permissions = {
        name
        for name, each in expanded.of_type("AWS::Lambda::Permission").items()
        if each["Properties"]["Principal"] == "s3.amazonaws.com"
    }
    assert permissions
    assert set(expanded.resources["ExchangeBucket"]["DependsOn"]) == permissions


def test_secret_is_generated_and_encrypted(expanded: Expanded) -> None:
    properties = shortened(expanded.properties("PseudonymSecret"))
    assert properties.pop("Description")
    assert properties == {
        "KmsKeyId": "EncryptionKey.Arn",
        "GenerateSecretString": {
            "SecretStringTemplate": '{"version": 1}',
            "GenerateStringKey": "k1",
            "PasswordLength": 64,
            "ExcludePunctuation": True,
        },
    }


# What an administrator does with the key; nothing that decrypts, or lets others decrypt.
MANAGE = [
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:Delete*",
    "kms:Describe*",
    "kms:Disable*",
    "kms:Enable*",
    "kms:Get*",
    "kms:List*",
    "kms:Put*",
    "kms:Revoke*",
    "kms:RotateKeyOnDemand",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:Update*",
]
# What a service needs that keeps data under the key; tables work with a grant beside.
ENCRYPT = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
ACCOUNT = {"AWS": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}
TRAIL = "arn:${AWS::Partition}:cloudtrail:${AWS::Region}:${AWS::AccountId}:trail/${AWS::StackName}"
LOG_GROUPS = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/${AWS::StackName}/*"


def test_nobody_decrypts_with_the_key_but_through_a_service(expanded: Expanded) -> None:
    properties = shortened(expanded.properties("EncryptionKey"))
    assert properties["EnableKeyRotation"] is True
    assert properties.keys() == {"Description", "EnableKeyRotation", "KeyPolicy"}
    assert properties["KeyPolicy"]["Version"] == POLICY_VERSION
    *always, by_condition = properties["KeyPolicy"]["Statement"]
    condition, trail, otherwise = by_condition["Fn::If"]
    assert (condition, otherwise) == ("HasDataEvents", "AWS::NoValue")
    allowed = {statement.pop("Sid"): statement for statement in (*always, trail)}
    allow = {"Effect": "Allow", "Resource": "*"}  # in a key policy: this key
    assert allowed == {
        "Administration": {**allow, "Principal": ACCOUNT, "Action": MANAGE},
        "UseThroughServices": {
            **allow,
            "Principal": ACCOUNT,
            "Action": ENCRYPT,
            "Condition": {
                "StringEquals": {
                    "kms:ViaService": [
                        f"{service}.${{AWS::Region}}.${{AWS::URLSuffix}}"
                        for service in ("dynamodb", "s3", "secretsmanager", "sqs")
                    ]
                }
            },
        },
        "GrantOfTables": {
            **allow,
            "Principal": ACCOUNT,
            "Action": "kms:CreateGrant",
            "Condition": {
                "Bool": {"kms:GrantIsForAWSResource": "true"},
                "StringEquals": {"kms:ViaService": "dynamodb.${AWS::Region}.${AWS::URLSuffix}"},
            },
        },
        "Trail": {
            **allow,
            "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": "kms:GenerateDataKey*",
            "Condition": {"StringEquals": {"aws:SourceArn": TRAIL, "kms:EncryptionContext:aws:cloudtrail:arn": TRAIL}},
        },
        "LogGroups": {
            **allow,
            "Principal": {"Service": "logs.${AWS::Region}.${AWS::URLSuffix}"},
            "Action": ENCRYPT,
            "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": LOG_GROUPS}},
        },
    }


def test_segments_are_locked_for_their_term_encrypted_apart_and_then_gone(expanded: Expanded) -> None:
    properties = shortened(expanded.properties("SegmentsBucket"))
    encrypted = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "SegmentsKey.Arn"}
    closed = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    assert properties == {
        "BucketName": "${AWS::StackName}-segments-${AWS::AccountId}-${AWS::Region}",
        "VersioningConfiguration": {"Status": "Enabled"},
        "ObjectLockEnabled": True,
        "ObjectLockConfiguration": {
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": "CheckpointLockMode", "Days": "CheckpointLockDays"}},
        },
        "BucketEncryption": {
            "ServerSideEncryptionConfiguration": [
                {"BucketKeyEnabled": True, "ServerSideEncryptionByDefault": encrypted}
            ]
        },
        "PublicAccessBlockConfiguration": dict.fromkeys(closed, True),
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        "LifecycleConfiguration": {
            "Rules": [
                {"Id": "Segments", "Status": "Enabled", "ExpirationInDays": 365 * KEPT_YEARS + 3},
                {
                    "Id": "AfterTheLock",
                    "Status": "Enabled",
                    "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
                    "ExpiredObjectDeleteMarker": True,
                },
                {
                    "Id": "UnfinishedUploads",
                    "Status": "Enabled",
                    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
                },
            ]
        },
    }


def test_ten_years_are_the_term_of_segments(expanded: Expanded) -> None:
    """As the privacy log's own, with its three leap days at most."""
    assert expanded.parameters["CheckpointLockDays"]["Default"] == 365 * KEPT_YEARS + 3


def test_the_bucket_of_segments_takes_tls_only_and_nothing_twice(expanded: Expanded) -> None:
    policy = shortened(expanded.properties("SegmentsBucketPolicy"))
    for statement in policy["PolicyDocument"]["Statement"]:
        assert statement.pop("Sid")
    deny = {"Effect": "Deny", "Principal": "*"}
    assert policy == {
        "Bucket": "SegmentsBucket",
        "PolicyDocument": {
            "Version": POLICY_VERSION,
            "Statement": [
                {
                    **deny,
                    "Action": "s3:*",
                    "Resource": ["SegmentsBucket.Arn", "${SegmentsBucket.Arn}/*"],
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                },
                {
                    **deny,
                    "Action": "s3:PutObject",
                    "Resource": "${SegmentsBucket.Arn}/*",
                    "Condition": {"Null": {"s3:if-none-match": "true"}},
                },
            ],
        },
    }


def test_the_key_of_segments_opens_them_through_s3_alone(expanded: Expanded) -> None:
    properties = shortened(expanded.properties("SegmentsKey"))
    assert properties["EnableKeyRotation"] is True
    allowed = {statement.pop("Sid"): statement for statement in properties["KeyPolicy"]["Statement"]}
    allow = {"Effect": "Allow", "Resource": "*", "Principal": ACCOUNT}
    assert allowed == {
        "Administration": {**allow, "Action": MANAGE},
        "UseThroughS3": {
            **allow,
            "Action": ENCRYPT,
            "Condition": {"StringEquals": {"kms:ViaService": "s3.${AWS::Region}.${AWS::URLSuffix}"}},
        },
    }


def test_the_key_that_signs_is_used_by_its_function_alone(expanded: Expanded) -> None:
    properties = shortened(expanded.properties("CheckpointKey"))
    assert (properties["KeySpec"], properties["KeyUsage"]) == ("ECC_NIST_P256", "SIGN_VERIFY")
    allowed = {statement.pop("Sid"): statement for statement in properties["KeyPolicy"]["Statement"]}
    role = "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${AWS::StackName}-CheckpointsRole-*"
    allow = {"Effect": "Allow", "Resource": "*", "Principal": ACCOUNT}
    assert allowed == {
        "Administration": {**allow, "Action": MANAGE},
        "Sign": {**allow, "Action": "kms:Sign", "Condition": {"ArnLike": {"aws:PrincipalArn": role}}},
    }


def test_nobody_makes_a_grant_of_the_key_by_hand(expanded: Expanded) -> None:
    """A grant would let its holder decrypt, past all the conditions above."""
    statements = shortened(expanded.properties("EncryptionKey"))["KeyPolicy"]["Statement"]
    granting = [
        each["Sid"]
        for each in statements
        if "Fn::If" not in each and any(fnmatch("kms:CreateGrant", action) for action in as_list(each["Action"]))
    ]
    assert granting == ["GrantOfTables"]
