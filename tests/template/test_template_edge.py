"""What lies between the API and its callers, and what CloudTrail keeps: both by parameter (Article 6)."""

from tests.template.expanded import Expanded, shortened
from tests.template.test_template_storage import TABLES, TRAIL


def test_the_domain_takes_callers_with_a_certificate_alone(expanded: Expanded) -> None:
    assert shortened(expanded.properties("ExchangeDomain")) == {
        "DomainName": "DomainName",
        "DomainNameConfigurations": [
            {
                "CertificateArn": "DomainCertificate",
                "EndpointType": "REGIONAL",
                "OwnershipVerificationCertificateArn": {
                    "Fn::If": ["HasOwnershipCertificate", "DomainOwnershipCertificate", "AWS::NoValue"]
                },
                "SecurityPolicy": "TLS_1_2",
            }
        ],
        "MutualTlsAuthentication": {"TruststoreUri": "Truststore", "TruststoreVersion": "TruststoreVersion"},
    }
    (stage,) = expanded.of_type("AWS::ApiGatewayV2::Stage")
    assert shortened(expanded.properties("ExchangeDomainMapping")) == {
        "ApiId": "ExchangeApi",
        "DomainName": "ExchangeDomain",
        "Stage": stage,
    }


def test_the_address_that_aws_gives_is_off_when_there_is_a_domain(expanded: Expanded) -> None:
    """It asks for no certificate."""
    (server,) = expanded.properties("ExchangeApi")["Body"]["servers"]
    assert server == {
        "x-amazon-apigateway-endpoint-configuration": {
            "disableExecuteApiEndpoint": {"Fn::If": ["HasDomain", True, False]}
        }
    }


def test_the_trail_keeps_who_touched_every_object_and_item(expanded: Expanded) -> None:
    properties = shortened(expanded.properties("Trail"))
    objects, items = properties.pop("AdvancedEventSelectors")
    assert properties == {
        "TrailName": "AWS::StackName",
        "IsLogging": True,
        "IsMultiRegionTrail": False,
        "IncludeGlobalServiceEvents": False,
        "EnableLogFileValidation": True,
        "KMSKeyId": "EncryptionKey.Arn",
        "S3BucketName": "TrailBucket",
    }
    assert objects["FieldSelectors"] == [
        {"Field": "eventCategory", "Equals": ["Data"]},
        {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
        {"Field": "resources.ARN", "StartsWith": ["${ExchangeBucket.Arn}/"]},
    ]
    *others, which = items["FieldSelectors"]
    assert others == [
        {"Field": "eventCategory", "Equals": ["Data"]},
        {"Field": "resources.type", "Equals": ["AWS::DynamoDB::Table"]},
    ]
    assert which.keys() == {"Field", "StartsWith"}
    assert which["Field"] == "resources.ARN"
    assert sorted(which["StartsWith"]) == sorted(f"{table}.Arn" for table in TABLES)
    assert objects["Name"] != items["Name"]


def test_the_trail_s_bucket_is_closed_encrypted_and_forgets_after_a_year(expanded: Expanded) -> None:
    ours = shortened(expanded.properties("ExchangeBucket"))
    assert shortened(expanded.properties("TrailBucket")) == {
        "LifecycleConfiguration": {
            "Rules": [
                {
                    "Id": "Events",
                    "Status": "Enabled",
                    "ExpirationInDays": 365,
                    "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
                    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
                }
            ]
        },
        **{
            name: ours[name]
            for name in (
                *("VersioningConfiguration", "BucketEncryption"),
                *("PublicAccessBlockConfiguration", "OwnershipControls"),
            )
        },
    }


def test_only_the_trail_writes_in_its_bucket(expanded: Expanded) -> None:
    policy = shortened(expanded.properties("TrailBucketPolicy"))
    assert policy["Bucket"] == "TrailBucket"
    by_trail = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Condition": {"StringEquals": {"aws:SourceArn": TRAIL}},
    }
    assert policy["PolicyDocument"] == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "OnlyTls",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": ["TrailBucket.Arn", "${TrailBucket.Arn}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
            {**by_trail, "Sid": "TrailLooks", "Action": "s3:GetBucketAcl", "Resource": "TrailBucket.Arn"},
            {
                **by_trail,
                "Sid": "TrailWrites",
                "Action": "s3:PutObject",
                "Resource": "${TrailBucket.Arn}/AWSLogs/${AWS::AccountId}/*",
            },
        ],
    }
    assert expanded.resources["Trail"]["DependsOn"] == "TrailBucketPolicy"
