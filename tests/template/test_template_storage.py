"""Tables, bucket, secret and key: encryption, retention and protection."""

from typing import Any

import pytest

from jbplus.aws import keys as tables
from tests.template.expanded import Expanded, short

PERSONAL = ["PersonsTable", "PrivacyLogTable", "RegistrationsTable", "SuspensionsTable", "QualityTable"]
ABOUT_NOBODY = ["LedgerTable", "NoticesTable", "StatisticsTable"]
TABLES = [*PERSONAL, *ABOUT_NOBODY]
KEPT = [*TABLES, "FailureQueue", "EncryptionKey", "ExchangeBucket", "PseudonymSecret"]

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


@pytest.mark.parametrize("table", TABLES)
def test_key_of_table(expanded: Expanded, table: str) -> None:
    properties = expanded.properties(table)
    types = {each["AttributeName"]: each["AttributeType"] for each in properties["AttributeDefinitions"]}
    keys = [(each["AttributeName"], each["KeyType"], types[each["AttributeName"]]) for each in properties["KeySchema"]]
    assert keys == KEYS[table]


def test_the_privacy_log_is_found_by_day_too(expanded: Expanded) -> None:
    (index,) = expanded.properties("PrivacyLogTable")["GlobalSecondaryIndexes"]
    assert index == {
        "IndexName": tables.BY_DAY_INDEX,
        "KeySchema": [
            {"AttributeName": tables.DAY_KEY, "KeyType": "HASH"},
            {"AttributeName": tables.ENTRY_KEY, "KeyType": "RANGE"},
        ],
        "Projection": {"ProjectionType": "ALL"},
    }


def test_reports_are_read_consistently_in_the_order_of_time(expanded: Expanded) -> None:
    (index,) = expanded.properties("QualityTable")["LocalSecondaryIndexes"]
    assert index == {
        "IndexName": tables.NEWEST_INDEX,
        "KeySchema": [
            {"AttributeName": tables.PARTY_KEY, "KeyType": "HASH"},
            {"AttributeName": tables.ENTRY_KEY, "KeyType": "RANGE"},
        ],
        "Projection": {"ProjectionType": "ALL"},
    }


@pytest.mark.parametrize("table", PERSONAL)
def test_personal_data_expire_by_the_attribute_the_code_writes(expanded: Expanded, table: str) -> None:
    specification = expanded.properties(table)["TimeToLiveSpecification"]
    assert specification == {"AttributeName": tables.TTL_ATTRIBUTE, "Enabled": True}


@pytest.mark.parametrize("table", ABOUT_NOBODY)
def test_what_is_about_nobody_has_no_end(expanded: Expanded, table: str) -> None:
    assert "TimeToLiveSpecification" not in expanded.properties(table)


@pytest.mark.parametrize("table", TABLES)
def test_protection_of_table(expanded: Expanded, table: str) -> None:
    properties = expanded.properties(table)
    assert properties["BillingMode"] == "PAY_PER_REQUEST"
    assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert short(properties["DeletionProtectionEnabled"]) == "DeletionProtection"
    encryption = properties["SSESpecification"]
    assert (encryption["SSEEnabled"], encryption["SSEType"]) == (True, "KMS")
    assert short(encryption["KMSMasterKeyId"]) == "EncryptionKey.Arn"


@pytest.mark.parametrize("name", KEPT)
def test_a_deleted_stack_leaves_its_data(expanded: Expanded, name: str) -> None:
    resource = expanded.resources[name]
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


def test_bucket_is_encrypted_with_our_key(expanded: Expanded) -> None:
    (rule,) = expanded.properties("ExchangeBucket")["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["BucketKeyEnabled"] is True
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert short(rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"]) == "EncryptionKey.Arn"


def test_bucket_is_closed_and_versioned(expanded: Expanded) -> None:
    properties = expanded.properties("ExchangeBucket")
    assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
    assert properties["PublicAccessBlockConfiguration"] == {
        "BlockPublicAcls": True,
        "BlockPublicPolicy": True,
        "IgnorePublicAcls": True,
        "RestrictPublicBuckets": True,
    }
    assert properties["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}


def test_bucket_takes_tls_only(expanded: Expanded) -> None:
    policy = expanded.properties("ExchangeBucketPolicy")
    assert short(policy["Bucket"]) == "ExchangeBucket"
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert [short(resource) for resource in statement["Resource"]] == ["ExchangeBucket.Arn", "${ExchangeBucket.Arn}/*"]
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_terms_of_files(expanded: Expanded) -> None:
    """Article 3b through the contract: the files repeat what the tables keep, so they go sooner."""
    rules = expanded.properties("ExchangeBucket")["LifecycleConfiguration"]["Rules"]
    assert {rule["Status"] for rule in rules} == {"Enabled"}
    assert {rule["Prefix"]: rule["ExpirationInDays"] for rule in rules if "ExpirationInDays" in rule} == {
        "inkomend/": 90,
        "verwerkt/": 90,
        "voortgang/": 7,
        "bezoek/": 7,
        "quarantaine/": 90,
        "verslagen/": 365,
        "uitgaand/": 30,
        "verzonden/": 30,
        "toegepast/": 30,
        "aangekondigd/": 30,
        "wachtend/": 5 * 365 + 2,
    }
    whole_bucket: dict[str, Any] = {
        key: value
        for rule in rules
        if "Prefix" not in rule
        for key, value in rule.items()
        if key not in ("Id", "Status")
    }
    assert whole_bucket == {
        "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
        "ExpiredObjectDeleteMarker": True,
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
    }


def test_bucket_tells_functions_of_incoming_and_announced_files(expanded: Expanded) -> None:
    configuration = expanded.properties("ExchangeBucket")["NotificationConfiguration"]
    assert configuration.keys() == {"LambdaConfigurations"}
    told = {
        (
            short(each["Function"]),
            each["Event"],
            *((rule["Name"], rule["Value"]) for rule in each["Filter"]["S3Key"]["Rules"]),
        )
        for each in configuration["LambdaConfigurations"]
    }
    assert told == {
        ("MutationsFunction.Arn", "s3:ObjectCreated:*", ("prefix", "inkomend/"), ("suffix", ".json")),
        ("MutationsFunction.Arn", "s3:ObjectCreated:*", ("prefix", "inkomend/"), ("suffix", ".json.gz")),
        ("NoticesFunction.Arn", "s3:ObjectCreated:*", ("prefix", "aangekondigd/")),
    }


def test_secret_is_generated_and_encrypted(expanded: Expanded) -> None:
    properties = expanded.properties("PseudonymSecret")
    assert short(properties["KmsKeyId"]) == "EncryptionKey.Arn"
    assert properties["GenerateSecretString"] == {
        "SecretStringTemplate": '{"version": 1}',
        "GenerateStringKey": "k1",
        "PasswordLength": 64,
        "ExcludePunctuation": True,
    }
    assert "SecretString" not in properties


def test_nobody_decrypts_with_the_key_but_through_a_service(expanded: Expanded) -> None:
    properties = expanded.properties("EncryptionKey")
    assert properties["EnableKeyRotation"] is True
    by_sid = {statement["Sid"]: statement for statement in properties["KeyPolicy"]["Statement"]}
    assert by_sid.keys() == {"Administration", "UseThroughServices", "LogGroups"}
    may_everything = {"kms:*", "kms:Decrypt", "kms:De*", "*"}
    assert not may_everything & set(by_sid["Administration"]["Action"])
    assert [
        short(service) for service in by_sid["UseThroughServices"]["Condition"]["StringEquals"]["kms:ViaService"]
    ] == [
        "dynamodb.${AWS::Region}.${AWS::URLSuffix}",
        "s3.${AWS::Region}.${AWS::URLSuffix}",
        "secretsmanager.${AWS::Region}.${AWS::URLSuffix}",
        "sqs.${AWS::Region}.${AWS::URLSuffix}",
    ]
    logs = by_sid["LogGroups"]["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]
    assert short(logs).endswith(":log-group:/${AWS::StackName}/*")
