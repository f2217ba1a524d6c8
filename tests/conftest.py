"""What all tests share."""

from hypothesis import HealthCheck, settings

# No deadline: a slow machine must not fail a test that found nothing wrong.
settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("default")
