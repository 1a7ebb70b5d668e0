"""A scene, a timeline and a seed, turned into datagrams."""

from collections.abc import Iterable, Iterator

from .arrivals import TYPICAL, Imperfections
from .board import CHATTER, Board, Sent
from .faults import Fault, Faults
from .randomness import Streams
from .scene import Scene
from .timeline import Timeline
from .truth import Truth


class Simulator:
    """Everything that arrives from all nodes of a scene. The same arguments give the same bytes.

    Parameters
    ----------
    scene, timeline : what stands still and what moves
    seed : noise, jitter, losses, numbering
    imperfections : how bad radio and network are
    faults : what goes wrong when
    chatter : which packets besides CSI the boards send
    start_s : time of the first second

    >>> from ruview_engine.simulate import scenes
    >>> scene = scenes.living_room(nodes=1)
    >>> at_s, source, datagram = next(Simulator(scene, Timeline()).datagrams(1.0))
    >>> source
    ('127.0.0.11', 5005)
    """

    def __init__(
        self,
        scene: Scene,
        timeline: Timeline | None = None,
        seed: int = 0,
        *,
        imperfections: Imperfections = TYPICAL,
        faults: Iterable[Fault] = (),
        chatter: frozenset[str] = CHATTER,
        start_s: int = 0,
    ) -> None:
        self.scene = scene
        self.timeline = timeline or Timeline()
        self._next_second = start_s
        self._held: list[Sent] = []
        known = Faults(faults)
        streams = Streams(seed)
        self._boards = [
            Board(
                scene,
                site,
                self.timeline,
                streams.child("board", number),
                imperfections=imperfections,
                faults=known,
                chatter=chatter,
            )
            for number, site in enumerate(scene.nodes)
        ]

    def second(self) -> list[Sent]:
        """The next full second, in order of arrival. People may be told what to do between two calls."""
        begin = self._next_second
        self._next_second += 1
        sent = self._held
        for board in self._boards:
            sent += board.advance(float(begin), float(begin + 1))
        sent.sort(key=lambda item: item[0])
        due = [item for item in sent if item[0] < begin + 1]
        self._held = sent[len(due) :]
        return due

    def datagrams(self, duration_s: float) -> Iterator[Sent]:
        """(arrival, source, datagram) of the next `duration_s` seconds, ascending; asking again goes on from there."""
        end = self._next_second + duration_s
        while self._next_second < end:
            for item in self.second():
                if item[0] < end:
                    yield item

    def truth(self, at_s: float) -> Truth:
        """What a perfect sensor would say."""
        return self.timeline.truth(at_s)
