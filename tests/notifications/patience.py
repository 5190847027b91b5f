"""How long a test by hypothesis may take: a busy machine is no reason to fail."""

from hypothesis import HealthCheck, settings

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
