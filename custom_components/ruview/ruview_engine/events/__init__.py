"""The window path: what the frames of about a second say together, through state machines with hysteresis.

It runs beside introspection, which is measured against it. Source: rvcsi-events as described in ADR-099 §1.1.
"""
