"""The whole simulator: reproducible, decodable, in order, and like the boards it imitates."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from ruview_engine.simulate import Person, Simulator, Timeline, plans, scenes
from ruview_engine.simulate.arrivals import NONE
from ruview_engine.simulate.faults import Frozen
from ruview_engine.simulate.tones import LAYOUTS
from ruview_engine.wire import CsiFrame, EdgeVitals, Undecodable, decode


def day(scene, seed=3):
    return Timeline([Person(scene, seed).follow(plans.demo(100))])


def test_same_seed_same_bytes():
    scene = scenes.living_room(nodes=2, layout="mix")
    first, second = (list(Simulator(scene, day(scene), 5).datagrams(20)) for _ in range(2))
    assert first == second
    assert first != list(Simulator(scene, day(scene), 6).datagrams(20))


def test_asking_in_pieces_changes_nothing():
    scene = scenes.living_room(nodes=1)
    whole = list(Simulator(scene, day(scene), 5).datagrams(20))
    simulator = Simulator(scene, day(scene), 5)
    assert whole == [item for _ in range(20) for item in simulator.datagrams(1)]


def test_arrivals_ascend_and_every_datagram_decodes():
    scene = scenes.living_room(nodes=3, layout="mix", rate_hz=15)
    simulator = Simulator(scene, day(scene), 1, chatter=frozenset({"vitals", "feature", "state", "sync", "status"}))
    sent = list(simulator.datagrams(40))
    times = [at_s for at_s, _, _ in sent]
    assert times == sorted(times)
    assert times[0] >= 0
    assert times[-1] < 40
    kinds = Counter(type(decode(datagram)).__name__ for _, _, datagram in sent)
    assert "Undecodable" not in kinds
    assert set(kinds) == {"CsiFrame", "EdgeVitals", "FeatureVector", "FeatureState", "ClockSync", "LinkStatus"}
    assert kinds["EdgeVitals"] == pytest.approx(3 * 40, abs=6)


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("version", [1, 2, 3])
def test_all_layouts_decode(name, version):
    layout = LAYOUTS[name]
    scene = scenes.living_room(nodes=1, layout=name, version=version, n_others=0)
    frames = [decode(datagram) for _, _, datagram in Simulator(scene, seed=1, chatter=frozenset()).datagrams(1)]
    assert len(frames) > 10
    for frame in frames:
        assert isinstance(frame, CsiFrame)
        assert (frame.version, frame.n_pairs, frame.flags, frame.ppdu) == (
            version, layout.n_pairs, layout.flags, layout.ppdu,
        )  # fmt: skip
        assert frame.freq_mhz == 2437
        assert (frame.transmitter is None) == (version == 1)
        pairs = np.frombuffer(frame.iq, np.int8).reshape(-1, 2)
        silent = ~layout.used
        silent[list(layout.csd_bins)] = False
        assert not pairs[silent].any()
        assert np.abs(pairs.astype(int)).max() < 127


def test_rate_and_sources():
    scene = scenes.living_room(nodes=2, rate_hz=20, n_others=0)
    sent = list(Simulator(scene, seed=4, imperfections=NONE, chatter=frozenset()).datagrams(60))
    per_source = Counter(source for _, source, _ in sent)
    assert per_source.keys() == {("127.0.0.11", 5005), ("127.0.0.12", 5005)}
    for count in per_source.values():
        assert count == pytest.approx(1200, rel=0.04)


def test_people_may_be_told_while_it_runs():
    scene = scenes.living_room(nodes=1, n_others=0)
    person = Person(scene)
    simulator = Simulator(scene, Timeline([person]), 2)
    for second in range(40):
        if second == 10:
            person.do("sit", 10.0)
        simulator.second()
    assert not simulator.truth(9).is_present
    assert simulator.truth(12).is_moving
    assert simulator.truth(39).posture == "sit"


def test_truth_of_two_people_and_a_pet():
    scene = scenes.living_room(nodes=1)
    timeline = Timeline(
        [Person(scene, 1).follow([(0, "sit")]), Person(scene, 2).follow([(30, "walk")])],
        pets=[Person(scene, 3, size=0.35).follow([(0, "walk")])],
    )
    alone, together = timeline.truth(25), timeline.truth(60)
    assert (alone.n_people, alone.posture, alone.is_moving, alone.is_disturbed) == (1, "sit", False, True)
    assert alone.breathing_bpm == pytest.approx(14, abs=1.5)
    assert (together.n_people, together.posture, together.is_moving, together.breathing_bpm) == (2, None, True, None)


def test_vitals_of_the_board_know_nothing():
    """The firmware's presence bit and rates do not depend on anybody being there."""
    scene = scenes.living_room(nodes=1)
    sitting = Timeline([Person(scene, 1).follow([(0, "sit:15")])])
    answers = []
    for timeline in (None, sitting):
        packets = (decode(datagram) for _, _, datagram in Simulator(scene, timeline, 9).datagrams(60))
        answers.append([packet.presence_score for packet in packets if isinstance(packet, EdgeVitals)])
    assert answers[0] == answers[1]


def test_frozen_board_repeats_its_bytes():
    scene = scenes.living_room(nodes=1, n_others=0)
    simulator = Simulator(scene, seed=1, faults=[Frozen(begin_s=5)], imperfections=NONE, chatter=frozenset())
    frames = [decode(datagram) for at_s, _, datagram in simulator.datagrams(10) if at_s > 5]
    assert len({frame.iq for frame in frames if isinstance(frame, CsiFrame)}) == 1
    assert len({frame.sequence for frame in frames if isinstance(frame, CsiFrame)}) == len(frames)


def test_garbage_is_never_sent():
    scene = replace(scenes.living_room(nodes=3, geometry="studio"), channel=13)
    sent = Simulator(scene, seed=8).datagrams(10)
    assert not any(isinstance(decode(datagram), Undecodable) for _, _, datagram in sent)
