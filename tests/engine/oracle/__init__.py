"""Slow and obvious twins of the fast routines."""
