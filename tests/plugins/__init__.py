"""Plugins of the test run: real database servers, no network, no silent skip."""
