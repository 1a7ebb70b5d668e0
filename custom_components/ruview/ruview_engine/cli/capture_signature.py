"""`capture-signature`: show a movement a few times, get a signature file. Nobody writes JSON by hand (ADR-099 P3)."""

import argparse
import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from ..atomic_file import write_atomically
from ..errors import FormatError
from ..ingest import Receiver
from ..ingest.recording import read_recording
from ..introspection.capture import FALSE_MATCHES_PER_DAY, CaptureVerdict
from ..introspection.capture_session import CaptureSession
from ..introspection.features import DEFAULT_DIMS
from ..introspection.introspector import DEFAULT_FS_HZ
from ..introspection.signature import FeatureKind
from ..links.demux import Demux
from ..training.backbone import Backbone
from ..wire.packet import CsiFrame
from .durations import duration, seconds
from .transport import Listener, add_port_arguments

HELP = "show a movement a few times and save it as a signature"

#: Seconds of everyday background before the first take. Origin: derived, what `capture.MIN_BACKGROUND` asks, and more.
BACKGROUND_S: Final = 45.0
#: Seconds counted down before each take, and of rest after it. Origin: chosen.
COUNTDOWN_S: Final = 5
REST_S: Final = 4.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What is shown, where it is written, where frames come from."""
    parser.add_argument("--label", required=True, help="what the movement is called, e.g. 'Door opens'")
    parser.add_argument("--duration", type=duration, required=True, metavar="2s", help="how long it takes")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="NAME.sig.json to write")
    parser.add_argument("--takes", type=int, default=3, metavar="N", help="how often it is shown (3)")
    add_port_arguments(parser)
    parser.add_argument("--node", help="use only this node (default: all)")
    parser.add_argument(
        "--background", type=seconds, default=BACKGROUND_S, metavar="S", help="everyday background first"
    )
    parser.add_argument("--from-recording", type=Path, metavar="FILE", help="take frames from a recording instead")
    parser.add_argument(
        "--at", type=seconds, action="append", metavar="S", help="start of a take in the recording; once per take"
    )
    parser.add_argument(
        "--kind",
        choices=[kind.value for kind in FeatureKind],
        default=FeatureKind.PROFILE_DELTA.value,
        help="profile_delta: something changes its place (door); motion_energy: a way of moving (walking); "
        "vec128: as a trained encoder sees it",
    )
    parser.add_argument("--encoder", metavar="DIR", help="model folder or hub repository of the encoder, for vec128")
    parser.add_argument("--dims", type=int, default=DEFAULT_DIMS, help=f"width of a feature vector ({DEFAULT_DIMS})")
    parser.add_argument(
        "--false-matches", type=float, default=FALSE_MATCHES_PER_DAY, metavar="N", help="accepted per day (1)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the file and return 0, or say why it was not worth writing and return 2."""
    if not arguments.out.name.endswith(".sig.json"):
        raise FormatError(f"{arguments.out.name}: a signature is named NAME.sig.json")
    if arguments.from_recording is None and arguments.at:
        raise FormatError("--at belongs to --from-recording")
    if arguments.from_recording is not None and not arguments.at:
        raise FormatError("--from-recording needs --at, the second at which a take starts, once per take")
    if arguments.takes < 1:
        raise FormatError("--takes must be at least 1")
    kind = FeatureKind(arguments.kind)
    if (kind is FeatureKind.EMBEDDING) != (arguments.encoder is not None):
        raise FormatError("--encoder belongs to --kind vec128, and --kind vec128 needs it")
    encoder = None if arguments.encoder is None else Backbone.fetch(arguments.encoder)
    session = CaptureSession(arguments.duration, feature_kind=kind, dims=arguments.dims, encoder=encoder)
    feeder = _Feeder(session, arguments.node)
    if arguments.from_recording is not None:
        _from_recording(arguments, session, feeder)
        source = {"recording": arguments.from_recording.name, "takes_at_s": arguments.at}
    else:
        asyncio.run(_live(arguments, session, feeder))
        source = {"recording": None}
    verdict = session.finish(
        identifier=arguments.out.name.removesuffix(".sig.json"),
        label=arguments.label,
        captured_at=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        per_day=arguments.false_matches,
        provenance={"made_by": "capture-signature"} | source,
    )
    return _write(verdict, arguments.out)


def _write(verdict: CaptureVerdict, path: Path) -> int:
    if verdict.evidence is not None and verdict.needed is not None:
        print(f"evidence of the weakest take {verdict.evidence:.1f} nats, needed {verdict.needed:.1f}")
    if verdict.signature is None:
        print(f"refused ({verdict.problem}): {verdict.hint}")
        return 2
    write_atomically(path, verdict.signature.to_text().encode())
    print(f"{path}: threshold {verdict.signature.promotion_threshold}, ", end="")
    print(f"at most {verdict.false_matches_per_day:g} false matches a day expected")
    return 0


class _Feeder:
    """Datagrams to samples to the session."""

    def __init__(self, session: CaptureSession, node: str | None) -> None:
        self._session = session
        self._node = node
        self._receiver = Receiver()
        self._demux: dict[str, Demux] = {}
        self.n_samples = 0

    def __call__(self, datagram: bytes, source: tuple[str, int], at_s: float) -> None:
        arrival = self._receiver.feed(datagram, source, at_s)
        if arrival is None or not isinstance(arrival.packet, CsiFrame):
            return
        key = arrival.node.key
        if self._node is not None and key != self._node:
            return
        demux = self._demux.setdefault(key, Demux(key))
        sample = demux.feed(arrival.packet, at_s)
        if sample is None:
            return
        link = demux.links.get(sample.link)
        if link is None:
            return
        self.n_samples += 1
        # the extractor is set up for the rate at its first sample, so wait until there is one
        if link.fs_hz is not None:
            self._session.feed(sample, link.active, link.fs_hz or DEFAULT_FS_HZ)


def _from_recording(arguments: argparse.Namespace, session: CaptureSession, feeder: _Feeder) -> None:
    pending = sorted(arguments.at)
    first: float | None = None
    for at_s, source, datagram in read_recording(arguments.from_recording):
        first = at_s if first is None else first
        if pending and at_s - first >= pending[0]:
            session.begin_take(first + pending.pop(0))
        feeder(datagram, _address(source), at_s)


def _address(source: Any) -> tuple[str, int]:
    return source if isinstance(source, tuple) else (str(source), 0)


async def _live(arguments: argparse.Namespace, session: CaptureSession, feeder: Callable[..., None]) -> None:
    listener = await Listener.open(feeder, arguments.host, arguments.port)
    try:
        print(f"Background: {arguments.background:.0f} s. Do anything but the movement.")
        await asyncio.sleep(arguments.background)
        for take in range(1, arguments.takes + 1):
            for left in range(COUNTDOWN_S, 0, -1):
                print(f"take {take}/{arguments.takes} in {left} …", flush=True)
                await asyncio.sleep(1.0)
            print(f"NOW: {arguments.label} ({arguments.duration:g} s)", flush=True)
            end = session.begin_take(time.monotonic())
            await asyncio.sleep(max(end - time.monotonic(), 0.0))
            print("done, stand still", flush=True)
            await asyncio.sleep(REST_S)
    finally:
        await listener.close()
