"""What schemathesis must know to make good requests; it loads this module by itself."""

import schemathesis
from hypothesis import strategies as st

from tests.support.people import person_number

# Test numbers that no other test pays or registers.
KNOWN_PERSONS = tuple(person_number(serial) for serial in range(700, 720))

schemathesis.openapi.format("insz", st.sampled_from(KNOWN_PERSONS))
