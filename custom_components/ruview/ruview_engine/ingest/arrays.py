"""`.npz` recordings → datagrams: a matrix of I/Q or amplitudes, times, and what is known to be true.

Arrays: `t` (n,) seconds · `csi` (n, pairs) complex or `amp` (n, pairs) · `labels` () or (n,) · `meta` JSON · optional
`rssi` (n,), `rec` (n,) clip number, `rec_name`, `settling` (n,), `breath_bpm` (). I/Q that are whole numbers within
int8 are kept exactly. Amplitudes become the nearest length an int8 pair can have: whole ones up to 127 exactly, others
after one constant factor for the whole file (`scale`), with an error of 0.02 (rms) in 127 where rounding to whole
numbers would leave 0.29; the phase of such pairs means nothing.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from struct import Struct
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..errors import UNREADABLE, FormatError
from ..wire.csi import MAGIC_V1, MAX_PAIRS
from .read_report import ReadReport
from .rows import RecordedDatagram

#: Silence put between the clips of one file. Origin: chosen; must exceed every window (60 s), so clips never mix.
CLIP_GAP_S: Final = 120.0

#: Files claim what they like; a recording is not larger. Origin: chosen; 10⁹ values are a day of 192 pairs at 60 Hz.
MAX_VALUES: Final = 1_000_000_000

_HEADER: Final = Struct("<IBBHIIbbBB")
#: Number of the one board that a file of arrays stands for. Origin: chosen; files do not say.
NODE_ID: Final = 1
#: Largest I or Q written. Origin: derived, signed bytes; −128 would have no opposite.
FULL: Final = 127
#: Rows read at once. Origin: chosen; ten megabytes at 192 pairs, whatever the size of the file.
CHUNK: Final = 4096


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Truth:
    """What is known about each frame.

    at_s : (n,) the frames' times, as the datagrams have them
    labels : (n,) text; "" where nothing is said
    settling : (n,) True while somebody walks in or out
    clips : (n,) number of the clip; clips are `CLIP_GAP_S` apart
    clip_names : by clip number; empty when the file is one clip
    breath_bpm : measured rate; None = no truth, 0 = nobody there
    """

    at_s: NDArray[np.float64]
    labels: NDArray[np.str_]
    settling: NDArray[np.bool_]
    clips: NDArray[np.int64]
    clip_names: tuple[str, ...]
    breath_bpm: float | None


class ArrayRecording:
    """An `.npz` file. It is one node, id 1, with reconstructed sequence numbers. See `recording.Recording`.

    scale : the constant every value was multiplied with; 1 when the file's numbers are kept
    has_phase : the pairs are the file's I/Q, not amplitudes in disguise
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.report = ReadReport()
        arrays = _load(path)
        self.meta: Mapping[str, Any] = _meta(arrays)
        values = arrays["csi"] if "csi" in arrays else arrays.get("amp")
        if values is None:
            raise FormatError(f"{path.name} has neither csi nor amp")
        if (
            values.ndim != 2
            or not 0 < values.shape[1] <= MAX_PAIRS
            or not len(values)
            or values.dtype.kind not in "cfiu"
        ):
            raise FormatError(f"{path.name}: {values.dtype} of shape {values.shape} is no matrix of frames")
        if not np.isfinite(values).all():
            raise FormatError(f"{path.name} has values that are not finite")
        self.has_phase = values.dtype.kind == "c"
        self.scale, self._iq = _quantise(values)
        self.truth: Truth | None = _truth(arrays, len(values), path.name)
        self._rssi = _rssi(arrays, len(values))
        started = _numbers(arrays.get("t_unix"))
        is_dated = started is not None and started.shape == (len(values),)
        self.started_unix_s = float(started[0]) if started is not None and is_dated else None

    def __iter__(self) -> Iterator[RecordedDatagram]:
        """All frames, from `at_s` = 0."""
        self.report = report = ReadReport()
        assert self.truth is not None
        times = self.truth.at_s.tolist()
        n_pairs = self._iq.shape[1]
        source = f"recording-{NODE_ID}"
        for first in range(0, len(times), CHUNK):
            block = self._iq[first : first + CHUNK]
            for row, iq in enumerate(block, start=first):
                rssi = int(self._rssi[row])
                header = _HEADER.pack(MAGIC_V1, NODE_ID, 1, n_pairs, 0, row, rssi, 0, 0, 0)
                report.n_rows += 1
                report.n_datagrams += 1
                yield RecordedDatagram(times[row], source, header + iq.tobytes())


def _load(path: Path) -> dict[str, NDArray[Any]]:
    """All arrays of the file, never pickles."""
    with path.open("rb") as stream:
        try:
            with np.load(stream, allow_pickle=False) as file:
                return {name: file[name] for name in file.files if name in _KNOWN and _is_bearable(file, name)}
        except (OSError, *UNREADABLE) as error:
            raise FormatError(f"{path.name} is no array file: {error}") from error


def _is_bearable(file: Any, name: str) -> bool:
    """Refuse a file whose directory already says that it would not fit into memory."""
    size = next((info.file_size for info in file.zip.infolist() if info.filename == f"{name}.npy"), 0)
    if size > MAX_VALUES * 8:
        raise ValueError(f"{name} claims {size} bytes")
    return True


_KNOWN: Final = frozenset(
    {"t", "csi", "amp", "labels", "meta", "rssi", "rec", "rec_name", "settling", "breath_bpm", "t_unix"}
)


def _meta(arrays: Mapping[str, NDArray[Any]]) -> Mapping[str, Any]:
    try:
        meta = json.loads(str(arrays["meta"].item()))
    except KeyError, ValueError, RecursionError:
        return {}
    return meta if isinstance(meta, dict) else {}


def _quantise(values: NDArray[Any]) -> tuple[float, NDArray[np.int8]]:
    """(scale, (n, pairs, 2) int8 with the imaginary part first)."""
    if values.dtype.kind == "c":
        largest = float(max(np.abs(values.real).max(), np.abs(values.imag).max()))
        is_whole = bool(np.array_equal(values, np.rint(values.real) + 1j * np.rint(values.imag)))
        scale = 1.0 if is_whole and largest <= FULL else FULL / largest if largest else 1.0
        pairs = np.empty((*values.shape, 2), np.int8)
        pairs[..., 0] = np.rint(values.imag * scale)
        pairs[..., 1] = np.rint(values.real * scale)
        return scale, pairs
    if (values < 0).any():
        raise FormatError("amplitudes are negative")
    largest = float(values.max())
    is_whole = bool(np.array_equal(values, np.rint(values)))
    scale = 1.0 if (is_whole and largest <= FULL) or not largest else FULL / largest
    lengths, nearest = _lengths()
    scaled = values.astype(np.float64) * scale
    above = np.searchsorted(lengths, scaled).clip(1, len(lengths) - 1)
    index = np.where(scaled - lengths[above - 1] < lengths[above] - scaled, above - 1, above)
    return scale, nearest[index]


def _lengths() -> tuple[NDArray[np.float64], NDArray[np.int8]]:
    """All lengths an int8 pair can have up to 127, ascending, and for each the pair with the smaller real part."""
    imaginary, real = (part.ravel() for part in np.meshgrid(np.arange(FULL + 1), np.arange(FULL + 1), indexing="ij"))
    squares = imaginary * imaginary + real * real
    keep = (imaginary >= real) & (squares <= FULL * FULL)
    imaginary, real, squares = imaginary[keep], real[keep], squares[keep]
    order = np.lexsort((real, squares))
    _, first = np.unique(squares[order], return_index=True)
    chosen = order[first]
    return np.sqrt(squares[chosen]), np.stack((imaginary[chosen], real[chosen]), axis=1).astype(np.int8)


def _truth(arrays: Mapping[str, NDArray[Any]], n: int, name: str) -> Truth:
    times = arrays.get("t")
    if times is None or times.shape != (n,) or times.dtype.kind not in "fiu" or not np.isfinite(times).all():
        raise FormatError(f"{name} has no time for every frame")
    steps = np.diff(times.astype(np.float64))
    if n > 1 and (steps > 0.0).sum() <= (steps < 0.0).sum():
        raise FormatError(f"{name}: its times do not ascend")
    clips = _per_frame(_numbers(arrays.get("rec")), n, 0).astype(np.int64)
    names = arrays.get("rec_name")
    rate = arrays.get("breath_bpm")
    bpm = float(rate) if rate is not None and rate.shape == () and rate.dtype.kind in "fiu" else float("nan")
    return Truth(
        at_s=_one_clock(times.astype(np.float64), clips),
        labels=_per_frame(arrays.get("labels"), n, "").astype(np.str_),
        settling=_per_frame(_numbers(arrays.get("settling")), n, 0).astype(np.bool_),
        clips=clips,
        clip_names=() if names is None else tuple(str(text) for text in names.ravel()),
        breath_bpm=bpm if np.isfinite(bpm) else None,
    )


def _numbers(array: NDArray[Any] | None) -> NDArray[Any] | None:
    """The array if it holds finite numbers, else nothing: what is only beside the frames must not refuse them."""
    is_usable = array is not None and array.dtype.kind in "biuf" and bool(np.isfinite(array).all())
    return array if is_usable else None


def _per_frame(array: NDArray[Any] | None, n: int, default: object) -> NDArray[Any]:
    """A column with one entry per frame, from a column, a single value or nothing."""
    if array is not None and array.shape == (n,):
        return array
    return np.full(n, default if array is None or array.shape else array.item())


def _one_clock(times: NDArray[np.float64], clips: NDArray[np.int64]) -> NDArray[np.float64]:
    """Times from 0, not decreasing, with `CLIP_GAP_S` before every clip that starts its own clock."""
    steps = np.diff(times, prepend=times[:1])
    starts = np.diff(clips, prepend=clips[:1]) != 0
    steps[starts] = CLIP_GAP_S
    return np.cumsum(np.maximum(steps, 0.0))


def _rssi(arrays: Mapping[str, NDArray[Any]], n: int) -> NDArray[np.int8]:
    """(n,) dBm; 0 = not known."""
    rssi = _per_frame(arrays.get("rssi"), n, 0)
    if rssi.dtype.kind not in "fiu":
        return np.zeros(n, np.int8)
    rssi = np.nan_to_num(rssi.astype(np.float64), nan=0.0)
    return np.where((rssi < 0) & (rssi >= -128), np.rint(rssi), 0).astype(np.int8)
