"""Signatures on recorded gestures: learnt from ten clips, tried on the others.

    python benchmarks/gestures.py [--rate 20] [--encoder DIR]

The ESPectre gesture clips (3 s each, one ESP32-C3, one day): the first ten of `wave` and of `circle` are the takes, the
first thirty clips without a gesture the background. What is recognised in the other twenty of each, and falsely in the
other thirty, is counted: by the capture's own verdict, and for the bare average of the takes with a bar from the
background. Clips are continuous within themselves only: features refer to a clip's own first quarter of a second, idle
is the calmest stretch of the background, and alignments begin anew with each clip.
"""

import argparse

import numpy as np
from numpy.typing import NDArray
from recordings import data_dir, newest_at

from ruview_engine.dsp.barycentre import barycentre
from ruview_engine.introspection.capture import evidence_trace, make_signature
from ruview_engine.introspection.capture_session import calmest
from ruview_engine.introspection.features import DEFAULT_DIMS, FeatureExtractor
from ruview_engine.introspection.signature import FeatureKind, Signature
from ruview_engine.links.demux import Demux
from ruview_engine.links.sample import Sample
from ruview_engine.shapes import ActiveMask, Matrix
from ruview_engine.training.backbone import Backbone
from ruview_engine.wire.packet import CsiFrame

N_TAKES = 10
N_BACKGROUND = 30
#: Of a 3 s clip.
DURATION_S = 2.0
#: Of the background's clips, below the bar of the uncalibrated average.
QUANTILE = 0.95


def clips(name: str, rate_hz: float) -> list[tuple[list[Sample], ActiveMask]]:
    """Samples of each clip, one frame per 1/rate s, through the real link layer with the file's mask."""
    data = np.load(data_dir() / "espectre_multichip" / f"gesture_{name}.npz", allow_pickle=True)
    out = []
    for number in np.unique(data["rec"]):
        chosen = np.flatnonzero(data["rec"] == number)
        chosen = chosen[newest_at(data["t"][chosen], rate_hz)]
        out.append(_samples(data["csi"][chosen], data["t"][chosen]))
    return out


def _samples(csi: NDArray[np.complex64], times: NDArray[np.float64]) -> tuple[list[Sample], ActiveMask]:
    demux = Demux("1")
    samples: list[Sample] = []
    # the mask takes a few frames to learn: show the clip twice and keep the second showing
    for offset in (0.0, 100.0):
        samples = []
        for i, (row, at_s) in enumerate(zip(csi, times - times[0] + 100.0 + offset, strict=True)):
            parts = np.empty(2 * len(row), dtype=np.int8)
            parts[0::2], parts[1::2] = np.clip(row.imag, -128, 127), np.clip(row.real, -128, 127)
            frame = CsiFrame(
                version=1, node_id=1, n_antennas=1, n_pairs=len(row), freq_mhz=2437, sequence=i, rssi_dbm=-50,
                noise_floor_dbm=-95, ppdu=0, flags=0, iq=parts.tobytes(),
            )  # fmt: skip
            sample = demux.feed(frame, at_s)
            if sample is not None and sample.is_usable:
                samples.append(sample)
    link = max(demux.links.values(), key=lambda one: one.frames)
    return samples, link.active


def vectors(
    samples: list[Sample], active: ActiveMask, kind: FeatureKind, rate_hz: float, encoder: Backbone | None = None
) -> Matrix:
    """(n, dims) features of one clip; the reference is the clip's own first samples (an encoder's: first second)."""
    dims = min(DEFAULT_DIMS, int(active.sum())) if encoder is None else encoder.dims
    extractor = FeatureExtractor(kind, dims, active, rate_hz, encoder)
    rows = []
    for i, sample in enumerate(samples):
        vector = extractor.update(sample, is_still=i < rate_hz / 4)
        if vector is not None:
            rows.append(vector.copy())
    return np.array(rows) if rows else np.zeros((0, dims))


def best_nats(signature: Signature, clip: Matrix, idle: Matrix, rate_hz: float) -> float:
    """The best evidence anywhere in a clip."""
    trace = evidence_trace(signature, clip, idle, rate_hz)
    return float(trace.max()) if len(trace) else -np.inf


def average(takes: list[Matrix], kind: FeatureKind, name: str, rate_hz: float) -> Signature:
    """Ten whole clips averaged, whether or not a capture would accept them."""
    mean, spread = barycentre(takes)
    return Signature(
        id=name,
        label=name,
        captured_at="2026-03-14T00:00:00Z",
        feature_kind=kind,
        vectors=mean,
        window=max(len(mean) // 6, 2),
        spread=max(spread, 1e-6),
        fs_hz=rate_hz,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=20.0)
    parser.add_argument("--encoder", help="model folder: also try vec128 signatures with it")
    args = parser.parse_args()
    kinds: dict[FeatureKind, Backbone | None] = {FeatureKind.PROFILE_DELTA: None, FeatureKind.MOTION_ENERGY: None}
    if args.encoder:
        kinds[FeatureKind.EMBEDDING] = Backbone.fetch(args.encoder)
    rate_hz = args.rate
    raw = {name: clips(name, rate_hz) for name in ("wave", "circle_cw", "no_gesture")}
    print({name: len(found) for name, found in raw.items()})
    for kind, encoder in kinds.items():
        rows = {
            name: [vectors(s, active, kind, rate_hz, encoder) for s, active in found] for name, found in raw.items()
        }
        quiet = rows["no_gesture"][:N_BACKGROUND]
        idle = calmest(quiet, round(1.5 * rate_hz))
        if idle is None:
            print(f"{kind}: clips too short for idle")
            continue
        for name, other in (("wave", "circle_cw"), ("circle_cw", "wave")):
            takes = rows[name][:N_TAKES]
            verdict = make_signature(
                takes, identifier=name, label=name, captured_at="2026-03-14T00:00:00Z", feature_kind=kind,
                fs_hz=rate_hz, duration_s=DURATION_S, layout=None, idle=idle, background=quiet,
            )  # fmt: skip
            print(f"{kind} {name}: capture {verdict.problem or 'accepted'}, ", end="")
            print(f"weakest take {_nats(verdict.evidence)}, needed for one false match a day {_nats(verdict.needed)}")
            signature = average(takes, kind, name, rate_hz)
            seen = {
                "background": [best_nats(signature, clip, idle, rate_hz) for clip in quiet],
                "held out": [best_nats(signature, clip, idle, rate_hz) for clip in rows[name][N_TAKES:]],
                "other gesture": [best_nats(signature, clip, idle, rate_hz) for clip in rows[other]],
                "no gesture": [best_nats(signature, clip, idle, rate_hz) for clip in rows["no_gesture"][N_BACKGROUND:]],
            }
            bar = float(np.quantile(seen["background"], QUANTILE))
            shares = [f"{part} {sum(v > bar for v in found)}/{len(found)}" for part, found in seen.items()]
            against_none = area(seen["held out"], seen["no gesture"])
            against_other = area(seen["held out"], seen["other gesture"])
            print(f"    above the {QUANTILE:.0%} of the background ({bar:.1f} nats): {', '.join(shares)}; ", end="")
            print(f"area under ROC against none {against_none:.2f}, against the other {against_other:.2f}")


def area(positive: list[float], negative: list[float]) -> float:
    """Chance that a gesture brings more evidence than a clip without it; 0.5 is guessing."""
    return float(np.mean([(p > n) + 0.5 * (p == n) for p in positive for n in negative]))


def _nats(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f} nats"


if __name__ == "__main__":
    main()
