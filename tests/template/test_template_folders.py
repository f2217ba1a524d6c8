"""The bucket's folders have the same names in the code and in the template."""

import json
import re

from jbplus.aws import folders
from tests.template.expanded import Expanded

_IN_A_RIGHT = re.compile(r"-exchange-\$\{AWS::AccountId\}-\$\{AWS::Region\}/([a-z]+/)")


def test_the_rights_name_the_folders_of_the_code(expanded: Expanded) -> None:
    of_code = {value for name, value in vars(folders).items() if name.isupper()}

    assert set(_IN_A_RIGHT.findall(json.dumps(expanded.document))) == of_code
