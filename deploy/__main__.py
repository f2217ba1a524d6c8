"""`make deploy ENV=…`: checks, deploys in as many steps as it takes, and protects what stands."""

import argparse
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from deploy import account, domain, environments, issuer, steps
from deploy.environments import DeployError, Environment
from deploy.release import release
from jbplus_recipient.errors import ExchangeError
from jbplus_recipient.transport import pool_for

_PROJECT: Final = Path(__file__).parents[1]
_BUILD: Final = _PROJECT / ".aws-sam" / "build"
_SAM: Final = _PROJECT / ".venv-sam" / "bin" / "sam"


def main() -> int:
    """Deploy an environment of samconfig.toml.

    Returns:
        The exit code: 0 when the stack is as wanted (or nothing speaks against deploying it), 1 when not.
    """
    said = _arguments()
    try:
        environment = environments.read(_PROJECT / "samconfig.toml", said.environment, said.parameters)
        session = boto3.Session(region_name=environment.region)
        cloudformation = session.client("cloudformation")
        objections = [
            account.name_objection(environment),
            issuer.objection(environment.issuer, pool_for("https://aws")),
            domain.objection(environment, session.client("acm"), session.client("s3")),
        ]
        found = steps.standing(cloudformation, environment.stack)
        if found.is_absent:
            number = session.client("sts").get_caller_identity()["Account"]
            objections.append(account.bucket_objection(session.client("s3"), environment.bucket.format(account=number)))
        objections.append(account.quota_objection(session.client("lambda"), environment))
        if any(objections):
            raise DeployError("\n".join(filter(None, objections)))
        if said.check:
            sys.stdout.write(f"Nothing speaks against deploying {environment.stack} in {environment.region}.\n")
            return 0
        for parameters in steps.steps(environment, found, release(_BUILD, environment.parameters)):
            _deploy(environment, parameters, said.sam)
        steps.protect(cloudformation, environment)
    except (DeployError, ExchangeError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except ClientError as error:
        sys.stderr.write(f"AWS says {error.response['Error'].get('Code')} to {error.operation_name}.\n")
        return 1
    except BotoCoreError as error:
        sys.stderr.write(f"AWS could not be asked: {error}\n")
        return 1
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make deploy", description=main.__doc__)
    parser.add_argument("environment", help="which of samconfig.toml's: dev, acceptance, production")
    parser.add_argument("parameters", nargs="*", metavar="NAME=VALUE", help="further parameters of the template")
    parser.add_argument("--check", action="store_true", help="only check")
    parser.add_argument("--sam", action="append", default=[], metavar="OPTION", help="an option of sam deploy")
    return parser.parse_intermixed_args()


def _deploy(environment: Environment, parameters: Mapping[str, str], options: list[str]) -> None:
    overrides = [f"{name}={value}" for name, value in parameters.items()]
    command = [str(_SAM), "deploy", "--config-env", environment.name, *options, "--parameter-overrides", *overrides]
    if subprocess.run(command, cwd=_PROJECT, check=False).returncode != 0:  # noqa: S603 - our own words
        raise DeployError("The deployment failed; what was before still stands. The reason is above.")


if __name__ == "__main__":
    sys.exit(main())
