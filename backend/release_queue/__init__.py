"""Queues for what popular doctors begin to give out at one instant: drawn by lot, served by turns (ADR 0039)."""
