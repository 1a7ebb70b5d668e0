"""Does a room's own encoder help its posture? Simulated rooms, enrolled and asked again with the body placed anew.

    python -m benchmarks.backbone [--output docs/benchmarks/backbone.md]

Each room is enrolled once. An encoder is trained on everything its links showed meanwhile. Posture is taught without
it, with it, and with an untrained one, as `room.training` would; each time the room's own held-out report says whether
it would be used. Then the person gets up, stands, sits and lies down twice more, 25 s each: what the three say of every
block of 5 s.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ruview_engine.links.encoder import Encoder as AnyEncoder
from ruview_engine.links.link_id import LinkId
from ruview_engine.links.sample import Sample
from ruview_engine.room.continuity import associate
from ruview_engine.room.link_baseline import BLOCK_S
from ruview_engine.room.log_profile import block_means
from ruview_engine.room.sensitivity import SpecialistReport, posture_report
from ruview_engine.room.specialists.posture import PostureSpecialist
from ruview_engine.room.window import LinkWindow
from ruview_engine.shapes import Vector
from ruview_engine.training.backbone import Backbone
from ruview_engine.training.contrastive import train_encoder
from ruview_engine.training.encoder import Encoder
from ruview_engine.training.feature_table import FeatureTable
from ruview_engine.training.features import N_BANDS, FeatureExtractor, FeatureSource
from ruview_engine.training.model import Model

from .room_lab import Lab
from .room_simulation import CONFIGS
from .training import table

#: Which of the configurations of `room_simulation`. Origin: chosen, every layout, one to three boards.
ROOMS = (1, 2, 3, 5, 6, 8)
#: Frames per second at most, so that a run stays under ten minutes.
MAX_RATE_HZ = 20.0
N_EPOCHS = 3
VISIT_S = 25
ASKED = {"stand": "standing", "sit": "sitting", "lie": "lying"}

type Block = dict[LinkId, Vector]


@dataclass
class Learner:
    """Keeps the features of every sample that a room sees."""

    def __post_init__(self) -> None:
        self._features = FeatureExtractor()
        self._links: dict[LinkId, int] = {}
        self._rows: list[tuple[float, int, int, Vector]] = []

    def see(self, sample: Sample) -> None:
        """One sample of any link."""
        row = self._features.update(sample)
        if row is not None:
            link = self._links.setdefault(sample.link, len(self._links))
            self._rows.append((sample.at_s, int(sample.link.node), link, row))

    def encoders(self) -> dict[str, AnyEncoder | None]:
        """None, one trained on what was seen, and what it started from."""
        features = np.array([row for *_, row in self._rows])
        seen = FeatureTable(
            at_s=np.array([at for at, *_ in self._rows]),
            node=np.array([node for _, node, _, _ in self._rows], dtype=np.int64),
            link=np.array([link for _, _, link, _ in self._rows], dtype=np.int64),
            features=features,
            motion=features[:, N_BANDS].copy(),
        )
        rng = np.random.default_rng(0)
        start = Encoder.initialise(features, rng)
        trained, _, _ = train_encoder(start, seen, rng, n_epochs=N_EPOCHS)
        return {"none": None, "trained": backbone(trained), "untrained": backbone(start)}


def backbone(encoder: Encoder) -> Backbone:
    return Backbone.of(Model(name="room", feature_source=FeatureSource.CSI.value, encoder=encoder))


def blocks(lab: Lab, windows: Sequence[LinkWindow]) -> list[Block]:
    """Deviations from the empty room, all links, one per `BLOCK_S`."""
    baseline = lab.room.baseline
    assert baseline is not None
    found: dict[int, Block] = {}
    for window in associate(tuple(windows), baseline):
        known = baseline.link(window.link)
        if known is not None:
            _, means = block_means(window.times, known.bands.log(window.profiles), BLOCK_S)
            for k, mean in enumerate(means):
                found.setdefault(k, {})[window.link] = mean - known.log_reference
    return list(found.values())


def again(lab: Lab) -> list[tuple[str, Block]]:
    """Two more visits of every posture, each after a walk."""
    found = []
    for _ in range(2):
        for activity, posture in ASKED.items():
            lab.act("walk")
            lab.run(6, is_ticking=False)
            settled = lab.act(activity)
            lab.run(max(settled - lab.at_s + 3, 0) + VISIT_S, is_ticking=False)
            windows = [window.between(lab.at_s - VISIT_S + 1, lab.at_s) for window in lab.windows()]
            found += [(posture, block) for block in blocks(lab, windows)]
    return found


def verdict(report: SpecialistReport) -> str:
    return f"{report.score:.2f}, " + ("used" if report.reason is None else report.reason.why.value.replace("_", " "))


def room_rows(number: int) -> list[tuple[object, ...]]:
    """One line per encoder: what the room's report says, and what it then says of the later visits."""
    geometry, layout, nodes, rate_hz, version = CONFIGS[number]
    lab = Lab(
        geometry=geometry, layout=layout, nodes=nodes, rate_hz=min(rate_hz, MAX_RATE_HZ), version=version,
        seed=number + 1, n_others=0,
    )  # fmt: skip
    learner, observe = Learner(), lab.room.observe

    def see(sample: Sample) -> None:
        learner.see(sample)
        observe(sample)

    lab.room.observe = see  # type: ignore[method-assign]
    lab.calibrate()
    lab.enrol()
    encoders = learner.encoders()
    visits = again(lab)
    features = dict(lab.room.enrolment.features)
    assert lab.room.baseline is not None
    known = {link.link: link for link in lab.room.baseline.links}
    rows: list[tuple[object, ...]] = []
    for name, encoder in encoders.items():
        report = posture_report(features, known, encoder)
        specialist = PostureSpecialist.fit(features, known, encoder=encoder)
        said = [(truth, specialist.read(block, encoder).value) for truth, block in visits]
        called = [(truth, value.value) for truth, value in said if value is not None]
        n_right = sum(truth == value for truth, value in called)
        rows.append((f"{geometry} {layout}, {nodes} boards", name, verdict(report), len(visits), len(called), n_right))
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=Path("docs/benchmarks/backbone.md"))
    arguments = parser.parse_args()
    rows: list[tuple[object, ...]] = []
    for number in ROOMS:
        rows += room_rows(number)
        print(rows[-3:], file=sys.stderr, flush=True)
    head = ("room", "encoder", "the room's report", "later blocks", "called", "rightly")
    text = (
        "# Encoder as a backbone: benchmark\n\nWritten by `python -m benchmarks.backbone`; method there, meaning in "
        "[training](../training.md#encoder-as-a-backbone).\nSimulated rooms; the later blocks are of the same person, "
        "placed anew.\n\n" + table(head, rows)
    )
    arguments.output.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
