"""The expanded template, for what is deployed."""

from tests.template.conftest import expanded

__all__ = ["expanded"]
