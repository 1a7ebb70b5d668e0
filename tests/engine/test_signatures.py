"""A signature through `Engine.feed`: captured in one run, recognised in another, silent where it must be."""

from dataclasses import replace

import numpy as np
import pytest

from ruview_engine.engine import Engine
from ruview_engine.introspection.capture_session import CaptureSession
from ruview_engine.introspection.introspector import ChangeModel
from ruview_engine.introspection.library import Library
from ruview_engine.introspection.signature import FeatureKind, parse_signature
from ruview_engine.introspection.why_unknown import WhyUnknown
from ruview_engine.links.quiet import QuietModel
from ruview_engine.notice import SignatureMatched
from ruview_engine.settings import RoomSettings
from ruview_engine.training.backbone import Backbone
from ruview_engine.training.contrastive import train_encoder
from ruview_engine.training.encoder import Encoder
from ruview_engine.training.feature_table import FeatureTable
from ruview_engine.training.features import N_BANDS, FeatureSource, LinkFeatures
from ruview_engine.training.model import Model
from ruview_engine.wire import encode
from ruview_engine.wire.packet import CsiFrame

FS = 20.0
SWING_S = 1.5
#: When the door is shown; what is before the first take is the background, which must be long enough.
TAKES_S = (70.0, 85.0)
#: When it moves in the houses that know it.
STARTS_S = (40.0, 50.0, 60.0)
END_S = 70.0


def _swing(since_s):
    """A door: out and back within `SWING_S`, the same way across the band every time."""
    return 0.35 * np.sin(np.pi * since_s / SWING_S) if 0.0 <= since_s < SWING_S else 0.0


class House:
    """An engine, a room and one board whose channel is disturbed when told."""

    def __init__(self, seed, n_pairs=64, library=None):
        self.rng = np.random.default_rng(seed)
        self.n_pairs = n_pairs
        self.shape = 60 * (1 + 0.3 * np.sin(np.arange(n_pairs) * 64 / n_pairs / 7))
        self.pattern = np.cos(np.arange(n_pairs) * 64 / n_pairs / 9)
        self.engine = Engine()
        self.room = self.engine.add_room(RoomSettings(room_id="study", nodes=None), 0.0)
        if library is not None:
            self.room.set_library(library)
        self.i = 0

    def until(self, end_s, starts_s=(), speed=1.0):
        """Feed frames; the signature notices with their times."""
        found = []
        while self.i / FS < end_s:
            at_s = self.i / FS
            moved = sum(_swing((at_s - start) * speed) for start in starts_s)
            amplitude = self.shape * (1 + 0.02 * self.rng.normal(size=self.n_pairs)) * (1 + moved * self.pattern)
            iq = np.zeros(2 * self.n_pairs, dtype=np.int8)
            iq[1::2] = np.clip(np.round(amplitude), 0, 127)
            frame = CsiFrame(
                version=1, node_id=1, n_antennas=1, n_pairs=self.n_pairs, freq_mhz=2437, sequence=self.i,
                rssi_dbm=-50, noise_floor_dbm=-95, ppdu=0, flags=0, iq=iq.tobytes(),
            )  # fmt: skip
            notices = self.engine.feed(encode(frame), "192.0.2.1", at_s)
            found += [notice for notice in notices if isinstance(notice, SignatureMatched)]
            self.i += 1
        return found

    def calibrate(self):
        """Half a minute of quiet becomes what motion and change stand on."""
        self.until(30.0)
        link = max(self.engine.taps.values(), key=lambda tap: tap.link.frames).link
        window = link.window(28.0, 30.0)
        quiet = QuietModel.fit([window])
        change = ChangeModel.fit([window.profiles], fs_hz=FS)
        self.engine.expect(self.room, {link.id: quiet}, {link.id: change})
        return self


def captured(**kind):
    """Two takes, seen by `LiveRoom.listen`, and back from the text of its file."""
    house, session = House(1), CaptureSession(SWING_S, **kind)

    def listen(sample):
        link = house.engine.taps[sample.link].link
        if link.fs_hz is not None:
            session.feed(sample, link.active, link.fs_hz)

    house.calibrate()
    house.room.listen(listen)
    for start in TAKES_S:
        house.until(start, TAKES_S)
        session.begin_take(start)
    house.until(100.0, TAKES_S)
    house.room.listen(None)
    verdict = session.finish(identifier="door", label="Door", captured_at="2026-04-03T00:00:00Z")
    assert verdict.signature is not None, verdict.problem
    return parse_signature(verdict.signature.to_text())


@pytest.fixture(scope="module")
def signature():
    return captured()


@pytest.fixture(scope="module")
def library(signature):
    return Library(signatures={signature.id: signature})


@pytest.mark.parametrize("seed", [2, 3, 4])
def test_it_is_recognised_once_per_occurrence(library, seed):
    found = House(seed, library=library).calibrate().until(END_S, STARTS_S)
    assert [notice.match.signature_id for notice in found] == ["door"] * 3
    for notice, start in zip(found, STARTS_S, strict=True):
        assert start < notice.at_s < start + SWING_S + 0.5
        assert notice.room_id == "study"
        assert notice.match.score >= library.signatures["door"].promotion_threshold


def test_it_is_recognised_when_done_a_little_faster(library):
    assert len(House(5, library=library).calibrate().until(END_S, STARTS_S, speed=1.15)) == 3


def test_quiet_is_not_it(library):
    assert House(6, library=library).calibrate().until(120.0) == []


def test_without_the_library_nothing_is_announced():
    assert House(2).calibrate().until(END_S, STARTS_S) == []


def test_a_new_library_counts_from_the_next_sample_on(library):
    house = House(7).calibrate()
    assert house.until(42.0, STARTS_S) == []
    house.room.set_library(library)
    assert len(house.until(END_S, STARTS_S)) == 2


def test_another_layout_cannot_be_compared_and_says_so(library):
    house = House(8, n_pairs=192, library=library).calibrate()
    assert house.until(50.0, STARTS_S[:1]) == []
    (match,) = house.room.snapshot.top_k_similarity
    assert (match.signature_id, match.score) == ("door", None)
    assert match.why_not is WhyUnknown.OTHER_LAYOUT


@pytest.fixture(scope="module")
def encoder():
    """Trained for a moment on a house whose door moves now and then."""
    features, rows = LinkFeatures(), []
    house = House(1)
    house.room.listen(lambda sample: rows.append((sample.at_s, features.update(sample))))
    house.until(200.0, tuple(range(20, 200, 9)))
    known = [(at_s, row) for at_s, row in rows if row is not None]
    values = np.array([row for _, row in known])
    table = FeatureTable(
        at_s=np.array([at_s for at_s, _ in known]),
        node=np.ones(len(known), dtype=np.int64),
        features=values,
        motion=values[:, N_BANDS],
    )
    rng = np.random.default_rng(0)
    trained, _, _ = train_encoder(Encoder.initialise(values, rng), table, rng, n_epochs=6)
    return Backbone.of(Model(name="x", feature_source=FeatureSource.CSI.value, encoder=trained))


def another(encoder):
    """The same after one more step of training."""
    model = encoder.model
    return Backbone.of(replace(model, encoder=model.encoder.with_parameters({"b2": model.encoder.b2 + 1e-3})))


@pytest.fixture(scope="module")
def embedded(encoder):
    """The same movement as a `vec128` signature."""
    one = captured(feature_kind=FeatureKind.EMBEDDING, encoder=encoder)
    return Library(signatures={one.id: one})


@pytest.mark.parametrize("is_late", [False, True])
def test_a_room_with_the_encoder_recognises_its_embeddings(embedded, encoder, is_late):
    house = House(2, library=embedded)
    if is_late:
        house.until(1.0)  # the link is there before the encoder
    house.room.set_encoder(encoder)
    assert house.room.encoder is house.room.room.encoder is encoder
    found = house.calibrate().until(END_S, STARTS_S)
    assert [notice.match.signature_id for notice in found] == ["door"] * 3


def test_embeddings_mean_nothing_without_their_encoder(embedded, encoder):
    house = House(2, library=embedded).calibrate()
    for installed, why in ((None, WhyUnknown.NO_ENCODER), (another(encoder), WhyUnknown.OTHER_ENCODER)):
        house.room.set_encoder(installed)
        assert house.until(house.i / FS + 3.0) == []
        (match,) = house.room.snapshot.top_k_similarity
        assert (match.score, match.above_threshold) == (None, False)
        assert match.why_not is why
