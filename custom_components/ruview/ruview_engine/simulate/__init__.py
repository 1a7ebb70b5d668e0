"""A physical room that speaks the nodes' protocol: for tests, trials, demonstrations; always outside the engine.

Sans-IO: `Simulator.datagrams` yields `(at_s, source, datagram)`; the sockets are in `cli/simulate.py`.
What is modelled, from which source, and what is not: docs/algorithms/simulator.md.
"""

from .person import Person
from .scene import Scene
from .simulator import Simulator
from .timeline import Timeline
from .truth import Truth

__all__ = ["Person", "Scene", "Simulator", "Timeline", "Truth"]
