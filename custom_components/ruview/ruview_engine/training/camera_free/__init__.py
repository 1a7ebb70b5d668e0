"""Supervision without a camera: what other sensors know becomes weak labels (ADR-071, second part)."""
