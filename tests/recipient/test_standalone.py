"""A recipient's developer imports the library without AWS and without the operator's command."""

import subprocess
import sys

PROGRAM = """
import sys

class Refusing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"boto3", "botocore", "jbplus_cli", "typer", "rich", "aws_lambda_powertools"}:
            raise ImportError(name)

sys.meta_path.insert(0, Refusing())
import jbplus_recipient.client, jbplus_recipient.service, jbplus_recipient.transport
import jbplus.ftps.client
"""


def test_it_needs_neither_aws_nor_the_command() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], check=False, capture_output=True)

    assert done.returncode == 0, done.stderr.decode()
