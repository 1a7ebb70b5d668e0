"""Compare the simulator with recordings of real boards and write docs/benchmarks/simulator.md.

    python benchmarks/simulator_statistics.py [DATA_FOLDER]

Every statistic is computed by the same function on both sides, from amplitudes divided by their own mean per frame.
"""

import json
import os
import sys
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from ruview_engine.simulate import Person, Simulator, Timeline, scenes  # noqa: E402
from ruview_engine.simulate.plans import Plan  # noqa: E402
from ruview_engine.wire import CsiFrame, decode  # noqa: E402

OUTPUT = ROOT / "docs" / "benchmarks" / "simulator.md"

#: A difference of this many times the median energy is a foreign frame in a quiet room.
GLITCH = 9.0
GEOMETRIES = tuple(scenes.GEOMETRIES)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stretch:
    """One link for a while: `amplitude` (n_frames, n_tones) of the tones in use."""

    name: str
    t: np.ndarray
    amplitude: np.ndarray
    rssi: np.ndarray | None = None

    @property
    def profiles(self) -> np.ndarray:
        """Amplitudes over their own mean, relative to the median profile: 1 ± change."""
        level = self.amplitude.mean(axis=1, keepdims=True)
        profiles = self.amplitude / level
        return profiles / np.median(profiles, axis=0)


def stretch(name: str, t: np.ndarray, amplitude: np.ndarray, rssi: np.ndarray | None = None) -> Stretch:
    """Keep the tones in use: not null, not often zero."""
    amplitude = amplitude.astype(float)
    used = (np.median(amplitude, axis=0) > 0.5) & ((amplitude > 0).mean(axis=0) > 0.8)
    kept = amplitude[:, used].mean(axis=1) > 0
    return Stretch(
        name=name,
        t=t[kept],
        amplitude=amplitude[kept][:, used],
        rssi=None if rssi is None else rssi[kept].astype(float),
    )


# --- what is measured ------------------------------------------------------------------------------------------------


def differences(s: Stretch, lag_s: float) -> np.ndarray:
    """Changes of the relative profile over about `lag_s`; 0 means neighbouring frames."""
    x, t = s.profiles, s.t
    if lag_s == 0:
        return np.diff(x, axis=0)
    later = np.searchsorted(t, t + lag_s)
    ok = later < len(t)
    ok[ok] &= np.abs(t[later[ok]] - t[ok] - lag_s) < max(0.06, 0.2 * lag_s)
    return x[later[ok]] - x[ok]


def energy(s: Stretch, lag_s: float) -> float:
    """Median energy of a change per tone."""
    return float(np.median((differences(s, lag_s) ** 2).mean(axis=1)))


def quiet_figures(s: Stretch) -> dict[str, float]:
    """Noise of a link while nothing moves."""
    d = differences(s, 0)
    e = (d**2).mean(axis=1)
    good = d[e < GLITCH * np.median(e)]
    jitter = 1.4826 * np.median(np.abs(d - np.median(d, axis=0)), axis=0) / np.sqrt(2)
    spread = np.linalg.eigvalsh(np.cov(good.T))
    together = np.corrcoef(good.T)
    level = s.amplitude.mean(axis=1)
    raw = s.amplitude / np.linalg.norm(s.amplitude, axis=1, keepdims=True)
    median = np.median(s.amplitude / level[:, None], axis=0)
    figures = {
        "level": float(np.median(level)),
        "unevenness": float(median.std() / median.mean()),
        "jitter": float(np.median(jitter)),
        "r1": float(np.diag(together, 1).mean()),
        "r10": float(np.diag(together, 10).mean()),
        "participation": float(spread.sum() ** 2 / (spread**2).sum()),
        "one_minus_cos": 1e3 * float(np.median(1 - (raw[1:] * raw[:-1]).sum(axis=1))),
        "growth": energy(s, 5.0) / energy(s, 0),
        "level_cv": float(1.4826 * np.median(np.abs(level - np.median(level))) / np.median(level)),
        "foreign": float((e > GLITCH * np.median(e)).mean()),
    }
    if s.rssi is not None:
        figures["rssi_sd"] = float(s.rssi.std())
    return figures


def walking_figures(walk: Stretch, quiet: Stretch | None) -> dict[str, float]:
    """What walking does to a link; against the quiet of the same link when there is one."""
    d = differences(walk, 2.0)
    together = np.corrcoef(d.T)
    level = walk.amplitude.mean(axis=1)
    figures = {
        "walk_change": float(np.sqrt(energy(walk, 2.0) / 2)),
        "walk_r1": float(np.diag(together, 1).mean()),
        "walk_r10": float(np.diag(together, 10).mean()),
        "growth_100ms": energy(walk, 0.1) / energy(walk, 0),
        "walk_level_cv": float(1.4826 * np.median(np.abs(level - np.median(level))) / np.median(level)),
    }
    if quiet is not None:
        figures["walk_over_quiet"] = energy(walk, 2.0) / energy(quiet, 0)
    return figures


def breathing_lines(s: Stretch, window_s: float = 30.0) -> list[tuple[float, float]]:
    """(rate per minute, dB over the median) of the strongest line in 6–36 /min per window, foreign frames left out."""
    x = s.profiles
    near = np.array([np.median(((x[max(0, i - 4) : i + 5] - x[i]) ** 2).sum(axis=1)) for i in range(len(x))])
    ok = near < 6 * np.median(near)
    grid = np.arange(s.t[0], s.t[-1], 0.05)
    y = np.stack([np.interp(grid, s.t[ok], x[ok, k]) for k in range(x.shape[1])], axis=1)
    n = int(window_s * 20)
    found = []
    ramp = np.arange(n) - (n - 1) / 2
    for start in range(0, len(y) - n + 1, n):
        w = y[start : start + n]
        w = w - w.mean(axis=0)
        w = w - ramp[:, None] * (ramp @ w) / (ramp @ ramp)
        noise = np.diff(w, axis=0).var(axis=0) / 2
        spectrum = (np.abs(np.fft.rfft(w * np.hanning(n)[:, None], 8192, axis=0)) ** 2 / noise).sum(axis=1)
        f = np.fft.rfftfreq(8192, 0.05)
        band, floor = (f >= 0.1) & (f <= 0.6), (f >= 0.1) & (f < 1.5)
        peak = int(np.argmax(spectrum[band]))
        found.append(
            (60 * float(f[band][peak]), float(10 * np.log10(spectrum[band][peak] / np.median(spectrum[floor]))))
        )
    return found


# --- recordings ------------------------------------------------------------------------------------------------------


def npz(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray | None, np.ndarray]:
    """Times, amplitudes, RSSI, labels."""
    z = np.load(path)
    amplitude = np.abs(z["csi"]) if "csi" in z else z["amp"]
    return z["t"], amplitude, z.get("rssi"), z["labels"]


def blocks(data: Path, label: str) -> Iterator[Stretch]:
    """Contiguous blocks of one label in the 10-Hz sessions, HT half."""
    for path in sorted((data / "ialr_s3_amp").glob("*.npz")):
        t, amplitude, rssi, labels = npz(path)
        settled = np.load(path)["settling"] == 0 if "settling" in np.load(path) else np.ones(len(t), bool)
        is_it = (labels == label) & settled
        edges = np.flatnonzero((np.diff(is_it.astype(int)) != 0) | (np.diff(t) > 5)) + 1
        for part in np.split(np.arange(len(t)), edges):
            if len(part) > 250 and is_it[part[0]]:
                yield stretch(path.stem, t[part], amplitude[part][:, 64:], rssi[part] if rssi is not None else None)
                break


def real_pairs(data: Path) -> Iterator[tuple[Stretch, Stretch | None]]:
    """(quiet, walking) of the same link; walking None where there is none."""
    for quiet_path in sorted((data / "espectre_multichip").glob("baseline_*.npz")):
        kind = quiet_path.stem.split("_")[1]
        quiet = stretch(quiet_path.stem, *npz(quiet_path)[:3])
        day = quiet_path.stem.split("_")[3] if "64sc" in quiet_path.stem else quiet_path.stem.split("_")[2]
        walks = sorted((data / "espectre_multichip").glob(f"movement_{kind}_*{day}*.npz"))
        yield quiet, stretch(walks[0].stem, *npz(walks[0])[:3]) if walks else None
    for n in (1, 2, 3):
        files = (data / "pulse_wifi_esp32" / f"{kind}_0{n}.npz" for kind in ("vacio", "mov"))
        quiet, walk = (stretch(path.stem, *npz(path)[:3]) for path in files)
        yield quiet, walk
    for quiet, walk in zip(blocks(data, "empty"), blocks(data, "moving"), strict=True):
        yield quiet, walk


def field_links(data: Path) -> tuple[list[Stretch], np.ndarray, dict[int, float]]:
    """The links of the two-board recording (spectral clusters of 64-pair frames), intervals of its nodes, frame mix."""
    path = next((data / "ruview_pretrain").glob("*.csi.jsonl"))
    rows = [json.loads(line) for line in path.open()]
    raw = [row for row in rows if row.get("type") == "raw_csi"]
    links, intervals = [], []
    sizes: dict[int, float] = {}
    for node in sorted({row["node_id"] for row in raw}):
        mine = [row for row in raw if row["node_id"] == node]
        t = np.array([row["timestamp"] for row in mine])
        intervals.append(np.diff(t))
        for row in mine:
            sizes[row["subcarriers"]] = sizes.get(row["subcarriers"], 0) + 1 / len(raw)
        chosen = [k for k, row in enumerate(mine) if row["subcarriers"] == 64]
        iq = np.array([np.frombuffer(bytes.fromhex(mine[k]["iq_hex"]), np.int8) for k in chosen], float)
        amplitude = np.hypot(iq[:, ::2], iq[:, 1::2])
        amplitude[:, 1] = 0
        shape = amplitude / np.linalg.norm(amplitude, axis=1, keepdims=True)
        leaders: list[np.ndarray] = []
        label = np.empty(len(shape), int)
        for k, p in enumerate(shape):
            distance = [1 - p @ leader / np.linalg.norm(leader) for leader in leaders]
            best = int(np.argmin(distance)) if distance else -1
            if best >= 0 and distance[best] < 0.02:
                leaders[best] = 0.95 * leaders[best] + 0.05 * p
            else:
                leaders.append(p.copy())
                best = len(leaders) - 1
            label[k] = best
        for cluster in np.argsort(-np.bincount(label))[:3]:
            of = label == cluster
            links.append(stretch(f"node {node} cluster {cluster}", t[chosen][of], amplitude[of]))
    return links, np.concatenate(intervals), sizes


# --- simulation ------------------------------------------------------------------------------------------------------


def simulated(
    geometry: str,
    node: int,
    plan: Plan,
    *,
    layout: str = "64",
    rate_hz: float = 20.0,
    seed: int = 1,
) -> Stretch:
    """A minute of one node after 15 s of getting there; the HT half where there is one."""
    scene = scenes.living_room(nodes=node, layout=layout, rate_hz=rate_hz, geometry=geometry, n_others=0)
    scene = replace(scene, nodes=scene.nodes[-1:])
    simulator = Simulator(scene, Timeline([Person(scene, seed).follow(plan)]), seed)
    times, rows, rssi = [], [], []
    for at_s, _, datagram in simulator.datagrams(75):
        frame = decode(datagram)
        if isinstance(frame, CsiFrame) and at_s > 15:
            iq = np.frombuffer(frame.iq, np.int8).astype(float)
            times.append(at_s)
            rows.append(np.hypot(iq[::2], iq[1::2])[-64:])
            rssi.append(frame.rssi_dbm)
    return stretch(f"{geometry} node {node}", np.array(times), np.array(rows), np.array(rssi))


def simulated_pairs(layout: str, rate_hz: float) -> Iterator[tuple[Stretch, Stretch]]:
    """(empty, walking) of three geometries and three nodes."""
    for geometry in GEOMETRIES:
        for node in (1, 2, 3):
            options = {"layout": layout, "rate_hz": rate_hz, "seed": node}
            yield simulated(geometry, node, (), **options), simulated(geometry, node, ((0.0, "walk"),), **options)


# --- the page --------------------------------------------------------------------------------------------------------

ROWS = (
    ("level", "mean amplitude, chip units", "{:.0f}"),
    ("unevenness", "unevenness over the tones (σ/mean)", "{:.2f}"),
    ("jitter", "relative jitter per tone", "{:.3f}"),
    ("r1", "correlation of frame differences, neighbouring tones", "{:.2f}"),
    ("r10", "… ten tones apart", "{:.2f}"),
    ("participation", "participation ratio of the noise", "{:.1f}"),
    ("one_minus_cos", "within-link 1 − cos, 10⁻³", "{:.2f}"),
    ("growth", "energy of a 5-s difference over neighbouring frames, quiet", "{:.2f}"),
    ("level_cv", "variation of the level, quiet", "{:.3f}"),
    ("foreign", "share of foreign frames", "{:.3f}"),
    ("rssi_sd", "standard deviation of RSSI, dB", "{:.1f}"),
    ("walk_change", "change of a tone by walking (rms)", "{:.3f}"),
    ("walk_over_quiet", "walking over quiet energy", "{:.0f}"),
    ("growth_100ms", "energy of a 100-ms difference over neighbouring frames, walking", "{:.1f}"),
    ("walk_r1", "correlation of 2-s changes, neighbouring tones", "{:.2f}"),
    ("walk_r10", "… ten tones apart", "{:.2f}"),
    ("walk_level_cv", "variation of the level, walking", "{:.2f}"),
)


PREFACE = """
# Simulator against recordings

Written by `benchmarks/simulator_statistics.py`; every figure on both sides comes from the same function.

* Real, single links: quiet recordings of ESP32, S3, C3, C5 and C6 boards at 10–143 Hz (three authors), and
  the walking recordings of the same links.
* Real firmware: the six largest links of the two-board recording; nobody knows who moved there.
* Simulated: 3 geometries × 3 nodes, 60 s empty and 60 s walking, typical imperfections.

Cells: median [smallest … largest].

| statistic | real, single links | simulated, HT, 110 Hz | real firmware, 64 pairs | simulated, 64 pairs, 20 Hz |
|---|---|---|---|---|
"""

BREATHING_PREFACE = """
## Breathing lines

Strongest line in 6–36 /min of 30-s windows: rate @ dB over the median of the spectrum (a plain weighted sum of tones).
The paced recordings were made with the link across the chest of a lying person; how far apart, is not recorded.

| | windows |
|---|---|
"""

PLACEMENT_PREFACE = """
## Placement

Change of the mean profile (rms over the tones) when somebody stays, for 24 random placements of access point and node
along the walls of the three rooms. The first node of each ready-made room is placed better than the median here.

| posture | 10 % | median | 90 % |
|---|---|---|---|
"""

DRIFT_PREFACE = """
## Drift of the empty room

Change of the mean profile (rms over the tones) of the empty room between two captures.

| | real | simulated |
|---|---|---|
"""


def collect(pairs: Iterator[tuple[Stretch, Stretch | None]]) -> dict[str, list[float]]:
    """All figures of all pairs."""
    table: dict[str, list[float]] = {}
    for quiet, walk in pairs:
        figures = quiet_figures(quiet)
        if walk is not None:
            same = walk.amplitude.shape[1] == quiet.amplitude.shape[1]
            figures |= walking_figures(walk, quiet if same else None)
        for name, value in figures.items():
            table.setdefault(name, []).append(value)
    return table


def cell(values: list[float], form: str) -> str:
    """Median [smallest … largest]."""
    if not values:
        return "–"
    return f"{form.format(np.median(values))} [{form.format(min(values))} … {form.format(max(values))}]"


def quantiles(values: np.ndarray, form: str = "{:.0f}") -> str:
    """1, 5, 25, 50, 75, 95, 99 %."""
    return " / ".join(form.format(v) for v in np.quantile(values, (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)))


def main() -> None:
    """Measure both sides and write the page."""
    data = Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("RUVIEW_DATA", ROOT.parent / "shared" / "data"))
    real = collect(real_pairs(data))
    links, intervals, mix = field_links(data)
    field = collect((link, None) for link in links)
    fast = collect(simulated_pairs("128", 110.0))
    usual = collect(simulated_pairs("64", 20.0))
    lines = PREFACE.strip().split("\n")
    for name, text, form in ROWS:
        cells = [cell(table.get(name, []), form) for table in (real, fast, field, usual)]
        lines.append(f"| {text} | {' | '.join(cells)} |")
    lines += [
        "",
        *arrival_lines(intervals, mix),
        "",
        *breathing_section(data),
        "",
        *placement_section(),
        "",
        *drift_section(data),
        "",
        *speed_section(),
    ]
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


def arrival_lines(intervals: np.ndarray, mix: dict[int, float]) -> list[str]:
    """Frame clock and frame sizes of a node."""
    scene = scenes.living_room(nodes=1, layout="mix", rate_hz=22.1 / 1.36, n_others=2)
    frames = [
        (at_s, packet.n_pairs, packet.sequence)
        for at_s, _, datagram in Simulator(scene, seed=3).datagrams(240)
        if isinstance(packet := decode(datagram), CsiFrame)
    ]
    times = np.array([at_s for at_s, _, _ in frames])
    sizes = np.array([n for _, n, _ in frames])
    steps = np.diff([sequence for _, _, sequence in frames])
    return [
        "## Frames of one node",
        "",
        "| | real firmware | simulated |",
        "|---|---|---|",
        f"| interval, ms: 1/5/25/50/75/95/99 % | {quantiles(1e3 * intervals)} | {quantiles(1e3 * np.diff(times))} |",
        "| 64 / 128 / 192 pairs, % | "
        + " / ".join(f"{100 * mix.get(n, 0):.0f}" for n in (64, 128, 192))
        + " | "
        + " / ".join(f"{100 * (sizes == n).mean():.0f}" for n in (64, 128, 192))
        + " |",
        f"| sequence steps > 1, % | 21–28 (upstream, other boards) | {100 * (steps > 1).mean():.0f} |",
    ]


def breathing_section(data: Path) -> list[str]:
    """Lines of the paced recordings and of people in the rooms."""
    lines = BREATHING_PREFACE.strip().split("\n")
    for name in ("resp_6rpm", "resp_12rpm", "resp_puerta_6rpm", "vacio_01", "vacio_02", "vacio_03"):
        t, amplitude, rssi, _ = npz(data / "pulse_wifi_esp32" / f"{name}.npz")
        lines.append(f"| real, {name} | {_shown(breathing_lines(stretch(name, t, amplitude, rssi)))} |")
    cases = (("empty", ()), ("lie, 6 /min", ((0.0, "lie:6"),)), ("lie, 14 /min", ((0.0, "lie:14"),)),
             ("sit, 14 /min", ((0.0, "sit:14"),)), ("stand, 14 /min", ((0.0, "stand:14"),)))  # fmt: skip
    for geometry in GEOMETRIES:
        for text, plan in cases:
            found = breathing_lines(simulated(geometry, 1, plan, layout="64", rate_hz=107.0))
            lines.append(f"| simulated, {geometry}, {text}, 107 Hz | {_shown(found)} |")
    return lines


def _shown(found: list[tuple[float, float]]) -> str:
    return ", ".join(f"{rate:.1f} @ {db:.0f}" for rate, db in found)


def placement_section() -> list[str]:
    """What still people do to links with access point and node anywhere along the walls."""
    rng = np.random.default_rng(5)
    shifts: dict[str, list[float]] = {}
    for trial in range(24):
        geometry = GEOMETRIES[trial % 3]
        scene = scenes.living_room(nodes=1, geometry=geometry, n_others=0, drift=0)
        access_point, node = _at_wall(scene, rng), _at_wall(scene, rng)
        scene = replace(
            scene,
            transmitters=(replace(scene.transmitters[0], position=access_point),),
            nodes=(replace(scene.nodes[0], position=node),),
        )
        empty = _mean_profile(scene, ())
        for posture in ("stand", "sit", "lie", "sleep"):
            profile = _mean_profile(scene, ((0.0, posture),))
            both = (empty > 0) & (profile > 0)
            shifts.setdefault(posture, []).append(float(np.sqrt(np.mean((profile[both] / empty[both] - 1) ** 2))))
    lines = PLACEMENT_PREFACE.strip().split("\n")
    for posture, values in shifts.items():
        low, middle, high = np.quantile(values, (0.1, 0.5, 0.9))
        lines.append(f"| {posture} | {low:.3f} | {middle:.3f} | {high:.3f} |")
    return lines


def drift_section(data: Path) -> list[str]:
    """How far the empty room moves away from itself."""

    def profile(amplitude: np.ndarray) -> np.ndarray:
        used = (np.median(amplitude, axis=0) > 0.5) & ((amplitude > 0).mean(axis=0) > 0.8)
        kept = np.where(used, amplitude, 0.0)
        level = kept[:, used].mean(axis=1)
        return np.median(kept[level > 0] / level[level > 0, None], axis=0)

    def change(one: np.ndarray, other: np.ndarray) -> str:
        both = (one > 0.05) & (other > 0.05)
        return f"{np.sqrt(np.mean((other[both] / one[both] - 1) ** 2)):.3f}"

    empties = [profile(npz(data / "pulse_wifi_esp32" / f"vacio_0{n}.npz")[1]) for n in (1, 2, 3)]
    home = {s.name.removeprefix("room1_"): profile(s.amplitude) for s in blocks(data, "empty")}
    scene = scenes.living_room(nodes=1, n_others=0, rate_hz=10)
    mine = {}
    for hours in (0, 1, 12, 24):
        simulator = Simulator(scene, seed=1, start_s=hours * 3600)
        frames = [p for _, _, datagram in simulator.datagrams(60) if isinstance(p := decode(datagram), CsiFrame)]
        iq = np.array([np.frombuffer(frame.iq, np.int8) for frame in frames], float)
        mine[hours] = profile(np.hypot(iq[:, ::2], iq[:, 1::2]))
    rows = (
        ("10 min apart", change(home["20260726_1648"], home["20260726_1658"]), "–"),
        ("1–2 h apart", change(home["20260726_1658"], home["20260726_1841"]), change(mine[0], mine[1])),
        (
            "another recording, same room (pulse)",
            f"{change(empties[0], empties[1])}, {change(empties[0], empties[2])}",
            "–",
        ),
        ("12 h apart", "–", change(mine[0], mine[12])),
        ("next day", change(home["20260726_1841"], home["20260727_1410"]), change(mine[0], mine[24])),
    )
    return [*DRIFT_PREFACE.strip().split("\n"), *(f"| {' | '.join(row)} |" for row in rows)]


def speed_section() -> list[str]:
    """Simulated over real time, one core."""
    lines = [
        "## Speed",
        "",
        "One node, one link, 64 pairs at 20 Hz, one core of the project's 2-core machine while others used it.",
        "",
    ]
    lines += ["| person | times real time |", "|---|---|"]
    for text, plan in (("nobody", ()), ("sits", ((0.0, "sit"),)), ("walks", ((0.0, "walk"),))):
        scene = scenes.living_room(nodes=1, n_others=0)
        simulator = Simulator(scene, Timeline([Person(scene, 1).follow(plan)]), 1)
        began = time.perf_counter()
        deque(simulator.datagrams(300), maxlen=0)
        lines.append(f"| {text} | {300 / (time.perf_counter() - began):.0f} |")
    return lines


def _at_wall(scene: scenes.Scene, rng: np.random.Generator) -> tuple[float, float, float]:
    width, depth, u = scene.room.width, scene.room.depth, float(rng.uniform(0.1, 0.9))
    places = ((u * width, 0.2), (u * width, depth - 0.2), (0.2, u * depth), (width - 0.2, u * depth))
    x, y = places[int(rng.integers(4))]
    return x, y, float(rng.uniform(0.6, 1.5))


def _mean_profile(scene: scenes.Scene, plan: Plan) -> np.ndarray:
    simulator = Simulator(scene, Timeline([Person(scene, 1).follow(plan)]), 1)
    rows = []
    for at_s, _, datagram in simulator.datagrams(35):
        frame = decode(datagram)
        if isinstance(frame, CsiFrame) and at_s > 15:
            iq = np.frombuffer(frame.iq, np.int8).astype(float)
            amplitude = np.hypot(iq[::2], iq[1::2])
            rows.append(amplitude / amplitude.mean())
    return np.median(rows, axis=0)


if __name__ == "__main__":
    main()
