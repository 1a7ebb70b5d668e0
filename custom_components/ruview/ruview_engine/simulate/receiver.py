"""What an ESP32 makes of a channel: gain control, noise, random phase, eight bits.

Figures from recordings of real boards; `benchmarks/simulator_statistics.py` compares.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .randomness import Streams
from .tones import ToneLayout

#: Noise that is the same fraction of every frame's mean amplitude, per tone and quadrature-independent.
#: Origin: measured, quiet S3 and C3 recordings at level 30–50: relative jitter per tone 0.016–0.028.
FLOOR: Final = 0.0155
#: Additional noise of a weak signal: this fraction at `WEAK_DBM`, halving every 6 dB. Origin: measured, two-board
#: recording.
WEAK: Final = 0.035
WEAK_DBM: Final = -75.0
#: Noise shared by neighbouring tones. Origin: measured, correlation of the frame difference between neighbours 0.05–0.6
#: (median 0.28), and over five tones 0.1–0.4.
SHARED: Final = 0.0195
#: The shared noise is drawn at this many points over the band. Origin: measured, it spans five to ten tones.
N_SHARED: Final = 4
#: Boards differ: standard deviation of the logarithm of the shared noise. Origin: measured, same recordings.
SHARED_SPREAD: Final = 0.5

#: Gain control sets the level in steps; within a step the level follows the signal. Origin: measured: level varies
#: by 3–13 % in quiet recordings and 15–35 % in walking ones.
AGC_STEP_DB: Final = 3.0
#: Scatter of the gain from frame to frame. Origin: measured, level 3–5 % in the quiet two-board recording.
GAIN_JITTER: Final = 0.032
#: Frame-to-frame error of the signal strength the gain control sees, dB. Origin: chosen, moves the step edges a little.
AGC_JITTER_DB: Final = 0.12

#: Power at which H = 1 (see `Channel.response`) for 0 dBm radiated, board losses included. Origin: chosen: −47 dBm
#: at 4 m.
REFERENCE_DB: Final = -14.0
#: Scatter of the reported signal strength, dB. Origin: measured, two-board recording: ±1 around each transmitter's;
#: standard deviation 0.8–0.9 in single-transmitter ones.
RSSI_JITTER_DB: Final = 0.45

#: Sampling offset of a frame: ± this much of linear phase over the band. Origin: measured, random slope in quiet
#: recordings.
SLOPE_TURNS: Final = 0.35
#: Fixed delay of the board's filter, as turns over the band. Origin: chosen.
FIXED_SLOPE_TURNS: Final = 0.8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frames:
    """Frames as the board would put them into datagrams.

    iq : (n_frames, n_pairs, 2) int8, imaginary part first
    rssi_dbm : (n_frames,) integers
    """

    iq: NDArray[np.int8]
    rssi_dbm: NDArray[np.int64]


class FrontEnd:
    """One board listening to one transmitter in one layout.

    Parameters
    ----------
    level : mean amplitude of the legacy field the gain control aims at, chip units
    """

    def __init__(self, layout: ToneLayout, grid: NDArray[np.int64], *, level: float, streams: Streams) -> None:
        self._layout = layout
        self._column = np.clip(layout.tone - grid[0], 0, len(grid) - 1)
        self._used = layout.used
        self._level = level
        self._position = (layout.tone - layout.tone.min()) / max(int(np.ptp(layout.tone)), 1)
        self._rng = streams.generator("front end")
        points = np.linspace(0.0, 1.0, N_SHARED)
        distance = (self._position[:, None] - points) * (N_SHARED - 1)
        self._spread = np.maximum(1 - np.abs(distance), 0.0).T.astype(np.float32)
        self._spread /= np.sqrt((self._spread**2).sum(axis=0).mean())
        self._shared = SHARED * float(np.exp(SHARED_SPREAD * self._rng.standard_normal()))
        self._csd = 4.2 * level * (1 + 0.2 * self._rng.random())

    def receive(
        self, response: NDArray[np.complex64], power_dbm: NDArray[np.float64], gain_db: NDArray[np.float64]
    ) -> Frames:
        """Frames from a channel response.

        Parameters
        ----------
        response : (n_frames, n_tones)
        power_dbm : (n_frames,) radiated power
        gain_db : (n_frames,) change of the receiver's target level, 0 normally
        """
        rng, layout = self._rng, self._layout
        n_frames = len(response)
        bins = response[:, self._column]
        bins *= self._used
        power = np.square(np.abs(bins)).sum(axis=1) / self._used.sum()
        strength_db = power_dbm + REFERENCE_DB + 10 * np.log10(np.maximum(power, 1e-20))
        root = np.sqrt(np.maximum(power, 1e-20))
        seen_db = strength_db + AGC_JITTER_DB * rng.standard_normal(n_frames)
        within_db = strength_db - AGC_STEP_DB * np.round(seen_db / AGC_STEP_DB) + gain_db
        level = self._level * 10 ** (within_db / 20) * np.exp(GAIN_JITTER * rng.standard_normal(n_frames))
        bins /= root[:, None].astype(np.float32)
        self._add_noise(bins, strength_db)
        bins *= layout.gain
        # phase: common, fixed slope, random slope
        turns = (
            rng.random((n_frames, 1))
            + (FIXED_SLOPE_TURNS + SLOPE_TURNS * rng.uniform(-1, 1, (n_frames, 1))) * self._position
        )
        angle = (2 * np.pi * turns).astype(np.float32)
        bins *= np.exp(1j * angle) * level[:, None].astype(np.float32)
        iq = np.empty((n_frames, layout.n_pairs, 2), np.float32)
        iq[..., 0], iq[..., 1] = bins.imag, bins.real
        for csd_bin in layout.csd_bins:
            iq[:, csd_bin] = (self._csd, 0.0)
        np.rint(iq, out=iq)
        np.clip(iq, -127, 127, out=iq)
        rssi = np.rint(strength_db + RSSI_JITTER_DB * rng.standard_normal(n_frames))
        return Frames(iq=iq.astype(np.int8), rssi_dbm=np.clip(rssi, -99, -8).astype(np.int64))

    def _add_noise(self, bins: NDArray[np.complex64], strength_db: NDArray[np.float64]) -> None:
        """Noise of its own in every tone, and noise that neighbouring tones share, which scales with the tone."""
        rng = self._rng
        own = np.hypot(FLOOR, WEAK * 10 ** ((WEAK_DBM - strength_db) / 20)).astype(np.float32)
        shared = rng.standard_normal((len(bins), 2, N_SHARED), np.float32) @ self._spread
        bins *= 1 + self._shared * (shared[:, 0] + 1j * shared[:, 1])
        noise = rng.standard_normal((len(bins), 2, bins.shape[1]), np.float32)
        bins += own[:, None] * (noise[:, 0] + 1j * noise[:, 1])
