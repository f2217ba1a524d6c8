"""The expanded template, for pages that name what is deployed."""

from tests.template.conftest import expanded

__all__ = ["expanded"]
