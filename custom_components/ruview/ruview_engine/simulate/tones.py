"""Which OFDM tone stands in which bin of a board's buffer, for every pair count the boards send.

Source: ESP-IDF Wi-Fi vendor features (upstream report §1.10) and the zero bins of a real recording.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

#: Distance of neighbouring tones. Origin: spec, IEEE 802.11-2020 table 17-5 (20 MHz / 64).
LEGACY_SPACING_HZ: Final = 312_500.0
#: Distance of neighbouring tones in an HE frame. Origin: spec, IEEE 802.11ax (20 MHz / 256).
HE_SPACING_HZ: Final = 78_125.0

#: Amplitude of the HT training field over the legacy one. Origin: measured, two-board recording: 53.3 / 13.5 and
#: 52.4 / 13.5.
HT_GAIN: Final = 3.9
#: The same when two space-time streams share the power. Origin: measured, same recording: 18.8 / 12.1 and 14.8 / 12.9.
STBC_GAIN: Final = 1.35

FLAG_40_MHZ: Final = 0x01
FLAG_STBC: Final = 0x04
PPDU_HE_SU: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ToneLayout:
    """One kind of frame.

    tone : (n_pairs,) tone number in each bin, in steps of `spacing_hz` from the centre of the channel
    gain : (n_pairs,) amplitude relative to the legacy training field; 0 where the board writes (0, 0)
    csd_bins : bins that carry a cyclic-shift angle instead of a channel value
    """

    name: str
    tone: NDArray[np.int64]
    gain: NDArray[np.float32]
    csd_bins: tuple[int, ...] = ()
    spacing_hz: float = LEGACY_SPACING_HZ
    ppdu: int = 0
    flags: int = 0

    @property
    def n_pairs(self) -> int:
        """Bins per frame, null bins included."""
        return len(self.tone)

    @property
    def used(self) -> NDArray[np.bool_]:
        """(n_pairs,) True where a bin carries a channel value."""
        return self.gain > 0


def _folded(low: int, high: int) -> list[int]:
    """0 … high, low … −1: the order of ESP32, S2, S3, C3 and C5."""
    return [*range(high + 1), *range(low, 0)]


def _segment(tones: Iterable[int], used: Iterable[int], gain: float) -> tuple[list[int], list[float]]:
    numbers = list(tones)
    carrying = set(used)
    return numbers, [gain if number in carrying else 0.0 for number in numbers]


def _both_sides(first: int, last: int, centre: int = 0) -> list[int]:
    """Tones first … last on either side of `centre`."""
    return [centre + sign * k for k in range(first, last + 1) for sign in (-1, 1)]


def _layout(
    name: str,
    *segments: tuple[list[int], list[float]],
    csd_bins: tuple[int, ...] = (),
    spacing_hz: float = LEGACY_SPACING_HZ,
    ppdu: int = 0,
    flags: int = 0,
) -> ToneLayout:
    tone = np.array([number for numbers, _ in segments for number in numbers])
    gain = np.array([value for _, values in segments for value in values], np.float32)
    gain[list(csd_bins)] = 0.0
    return ToneLayout(name=name, tone=tone, gain=gain, csd_bins=csd_bins, spacing_hz=spacing_hz, ppdu=ppdu, flags=flags)


_LEGACY: Final = _both_sides(1, 26)
_HT20: Final = _both_sides(1, 28)
_HT40: Final = _both_sides(2, 58)
_LLTF: Final = _segment(_folded(-32, 31), _LEGACY, 1.0)
_LLTF_BELOW: Final = _segment(range(64), _both_sides(1, 26, 32), 1.0)
_LLTF_ABOVE: Final = _segment(range(-64, 0), _both_sides(1, 26, -32), 1.0)


def _build() -> dict[str, ToneLayout]:
    ht20 = _segment(_folded(-32, 31), _HT20, HT_GAIN)
    ht20_stbc = _segment(_folded(-32, 31), _HT20, STBC_GAIN)
    ht40_stbc = _segment(_folded(-60, 60), _HT40, STBC_GAIN)
    upper, lower = _both_sides(1, 28, 32), _both_sides(1, 28, -32)
    stbc_below = _segment(range(63), upper, STBC_GAIN)
    stbc_above = _segment(range(-62, 0), lower, STBC_GAIN)
    layouts = (
        _layout("64", _LLTF),
        _layout("64-above", _LLTF_ABOVE),
        _layout("64-centred", _segment(range(-32, 32), _HT20, 1.0)),
        _layout("128", _LLTF, ht20),
        _layout("192-stbc", _LLTF, ht20_stbc, ht20_stbc, csd_bins=(64, 128), flags=FLAG_STBC),
        _layout("190", _LLTF_BELOW, stbc_below, stbc_below, csd_bins=(64, 127), flags=FLAG_STBC),
        _layout("188", _LLTF_ABOVE, stbc_above, stbc_above, csd_bins=(64, 126), flags=FLAG_STBC),
        _layout("192-40", _LLTF_BELOW, _segment(_folded(-64, 63), _HT40, HT_GAIN), flags=FLAG_40_MHZ),
        _layout("306", _LLTF_BELOW, ht40_stbc, ht40_stbc, csd_bins=(64, 185), flags=FLAG_40_MHZ | FLAG_STBC),
        _layout(
            "256-he",
            _segment(range(-128, 128), _both_sides(2, 122), 1.0),
            spacing_hz=HE_SPACING_HZ,
            ppdu=PPDU_HE_SU,
        ),
        _layout("53", _segment(_folded(-26, 26), _LEGACY, 1.0)),
        _layout("57", _segment(_folded(-28, 28), _HT20, 1.0)),
        _layout("117", _segment(_folded(-58, 58), _HT40, 1.0), flags=FLAG_40_MHZ),
        _layout(
            "245", _segment(_folded(-122, 122), _both_sides(2, 122), 1.0), spacing_hz=HE_SPACING_HZ, ppdu=PPDU_HE_SU
        ),
    )
    return {layout.name: layout for layout in layouts}


#: Every frame kind by name: the pair count, with a suffix where the count alone says too little.
LAYOUTS: Final = _build()

#: What a bare pair count means. Origin: chosen, the commoner of two: measured for 192 (HT20 with STBC).
_COMMON_NAME: Final = {192: "192-stbc", 256: "256-he"}


def tone_layout(name: str | int) -> ToneLayout:
    """The layout called `name`, or the commonest with that many pairs; KeyError says which exist."""
    key = _COMMON_NAME.get(name, str(name)) if isinstance(name, int) else name
    if key.isdigit() and key not in LAYOUTS:
        key = _COMMON_NAME.get(int(key), key)
    if key not in LAYOUTS:
        raise KeyError(f"no layout {name!r}; there are {', '.join(LAYOUTS)}")
    return LAYOUTS[key]
