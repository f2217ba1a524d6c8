"""The usual way: boto3's resources, Powertools' Logger, Tracer, Metrics and resolver, with validation by pydantic."""

import hashlib
import hmac
import json
import os
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import uuid4

import boto3
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.exceptions import UnauthorizedError
from aws_lambda_powertools.metrics import MetricUnit
from boto3.dynamodb.conditions import Attr
from pydantic import BaseModel

logger, tracer, metrics = Logger(), Tracer(), Metrics()
app = APIGatewayHttpResolver(enable_validation=True)
dynamodb = boto3.resource("dynamodb")
persons = dynamodb.Table(os.environ["PERSONS_TABLE"])
registrations = dynamodb.Table(os.environ["REGISTRATIONS_TABLE"])
suspensions = dynamodb.Table(os.environ["SUSPENSIONS_TABLE"])
log = dynamodb.Table(os.environ["PRIVACY_LOG_TABLE"])
secrets = boto3.client("secretsmanager")
keys = []


class Question(BaseModel):
    """What is asked about one person."""

    insz: str
    doel: str
    dossier: str | None = None


class Questions(BaseModel):
    """What is asked about several."""

    inszLijst: list[str]
    doel: str
    dossier: str | None = None


class Payment(BaseModel):
    """A payment."""

    referte: str
    fiscaalJaar: int
    bedragtype: str
    verrichtingbedrag: Decimal
    effectieveVerrichtingsdatum: date


class Answer(BaseModel):
    """What is known of a person."""

    insz: str
    verrichtingen: list[Payment]
    nettoPerFiscaalJaar: dict[int, Decimal]


class Answers(BaseModel):
    """What is known of several."""

    items: list[Answer]


@app.post("/v1/verrichtingen/get")
@tracer.capture_method
def get(question: Question) -> Answer:
    """Look one person up."""
    return look_up([question.insz], question.doel)[0]


@app.post("/v1/verrichtingen/query")
@tracer.capture_method
def query(questions: Questions) -> Answers:
    """Look several persons up."""
    return Answers(items=look_up(questions.inszLijst, questions.doel))


def look_up(numbers: list[str], purpose: str) -> list[Answer]:
    """Read and log each person."""
    party = app.current_event.request_context.authorizer.jwt_claim["kbo"]
    if "Item" in suspensions.get_item(Key={"party": party}, ConsistentRead=True):
        raise UnauthorizedError("suspended")
    if not keys:
        secret = json.loads(secrets.get_secret_value(SecretId=os.environ["PSEUDONYM_SECRET"])["SecretString"])
        keys.append(secret["k1"].encode())
    return [answer_about(number, party, purpose) for number in numbers]


def answer_about(number: str, party: str, purpose: str) -> Answer:
    """Read and log one person."""
    person = hmac.new(keys[0], number.encode(), hashlib.sha256).hexdigest()
    if "Item" not in registrations.get_item(Key={"person": person, "party": party}, ConsistentRead=True):
        raise UnauthorizedError("not registered")
    found = persons.get_item(Key={"person": person}, ConsistentRead=True).get("Item", {"payments": {}})
    moment = datetime.now(UTC).isoformat()
    log.put_item(
        Item={
            "subject": f"{party}#{person}",
            "entry": f"{moment}#{uuid4()}",
            "moment": moment,
            "party": party,
            "person": person,
            "purpose": purpose,
            "outcome": "beantwoord",
            "expiresAt": 1_930_000_000,
        },
        ConditionExpression=Attr("subject").not_exists(),
    )
    metrics.add_metric("Lookups", MetricUnit.Count, 1)
    logger.info("looked up", purpose=purpose)
    payments = [
        Payment(
            referte=referte,
            fiscaalJaar=int(each["year"]),
            bedragtype=each["instalment"],
            verrichtingbedrag=each["amount"],
            effectieveVerrichtingsdatum=each["day"],
        )
        for referte, each in found["payments"].items()
    ]
    net: dict[int, Decimal] = {}
    for payment in payments:
        net[payment.fiscaalJaar] = net.get(payment.fiscaalJaar, Decimal(0)) + payment.verrichtingbedrag
    return Answer(insz=number, verrichtingen=payments, nettoPerFiscaalJaar=net)


@logger.inject_lambda_context
@tracer.capture_lambda_handler
@metrics.log_metrics
def handler(event, context):
    """Answer a call of the API."""
    return app.resolve(event, context)
