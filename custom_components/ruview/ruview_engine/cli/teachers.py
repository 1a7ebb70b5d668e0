"""Gathers what teaches beside the radio: files that people hand in, and a Cognitum Seed if one answers."""

import argparse
import asyncio
from collections import Counter
from collections.abc import Sequence

import numpy as np

from ..errors import FormatError
from ..shapes import Matrix, Times
from ..training.camera_free.observation import Observation
from ..training.camera_free.recipe import Teachers
from ..training.camera_free.sensor_files import Reports, read_sensor_file
from ..training.camera_free.signals import Signal
from ..training.camera_free.timeline import lay
from ..training.source import Span
from .seed import client_of
from .seed_capture import SeedCapture, listen
from .seed_http import SeedError


def gather(arguments: argparse.Namespace, seen: Observation, spans: Sequence[Span]) -> Teachers:
    """All reports on the recordings' clock. A Seed that does not answer is a note, not an error; a bad file is one."""
    entities = _entities(arguments.entity)
    reports: Reports = {}
    notes: list[str] = []
    spoke: set[str] = set()
    for path in arguments.sensors:
        try:
            found = read_sensor_file(path.read_bytes(), entities)
        except FormatError as error:
            raise FormatError(f"{path}: {error}") from error
        _join(reports, found.reports)
        spoke |= found.names
        notes += _skipped(path.name, found.skipped)
    notes += [f"--entity {name}: no sensor file has a report of it" for name in entities if name not in spoke]
    capture = _ask_seed(arguments, notes)
    if capture is not None:
        _join(reports, capture.reports())
    history = lay(reports, spans)
    if reports and not history.available:
        notes.append("no sensor report falls into the time of the recordings; trained on the nodes alone")
    at_s, embedding = _laid_embedding(capture, spans)
    return Teachers(seen=seen, history=history, hub_at_s=at_s, hub_embedding=embedding, notes=tuple(notes))


def _ask_seed(arguments: argparse.Namespace, notes: list[str]) -> SeedCapture | None:
    if arguments.no_seed or not arguments.seed_url:
        return None
    client = client_of(arguments)
    try:
        capture = asyncio.run(listen(client, arguments.seed_seconds))
    except SeedError as error:
        notes.append(f"the Seed was not reached, trained without it: {error}")
        return None
    notes.append(f"the Seed sent {len(capture.readings)} readings and {len(capture.fragility)} fragilities")
    notes += [f"Seed: {why}" for why in (capture.ended, *capture.problems) if why]
    return capture


def _laid_embedding(capture: SeedCapture | None, spans: Sequence[Span]) -> tuple[Times | None, Matrix | None]:
    """The Seed's embeddings on the recordings' clock, one per second at most; None when none fell into them."""
    if capture is None:
        return None, None
    unix_s, values = capture.embeddings()
    at, kept = [], []
    for span in spans:
        if span.unix_s is None:
            continue
        inside = np.flatnonzero((unix_s >= span.unix_s) & (unix_s <= span.unix_s + span.end_s - span.start_s))
        at.append(span.start_s + unix_s[inside] - span.unix_s)
        kept.append(values[inside])
    if not sum(map(len, at)):
        return None, None
    return np.concatenate(at), np.concatenate(kept)


def _entities(words: Sequence[str]) -> dict[str, Signal]:
    found = {}
    for word in words:
        name, _, signal = word.partition("=")
        if not name or signal not in Signal:
            raise FormatError(f"--entity {word!r}: expected ID=SIGNAL with one of {', '.join(Signal)}")
        found[name] = Signal(signal)
    return found


def _skipped(name: str, skipped: Counter[str]) -> list[str]:
    return [f"{name}: {why}: {n} skipped" for why, n in sorted(skipped.items())]


def _join(all_reports: Reports, more: Reports) -> None:
    for signal, rows in more.items():
        all_reports.setdefault(signal, []).extend(rows)
