"""One Wi-Fi link past a breathing chest: the smallest honest physics to test rate estimators on.

H_k(t) = Σ_paths static + (|H_d|/|H_s|) · exp(−j(2π f_k τ + 4π d(t)/λ)), d(t) = chest displacement with breath and
heart. Receiver: multiplicative per-tone jitter, slow wander of the static paths, int8 quantisation, random
automatic gain, jittered arrival. Seeded; nothing here is taken from the estimators under test.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

#: Wavelength at 2.44 GHz.
WAVELENGTH_M: Final = 0.123
#: Tone spacing of 802.11n.
SPACING_HZ: Final = 312.5e3


@dataclass(frozen=True, slots=True, kw_only=True)
class ChestLink:
    """What to simulate.

    ratio_db : |H_d|/|H_s|, strength of the path over the chest; None for an empty room
    breath_bpm, heart_bpm : None for a chest that does not
    wander : relative spread of the instantaneous breathing rate (3 % as in the project's reference figures)
    jitter : relative per-tone, per-frame noise; 0.0235 is the median of ten ESP32 captures
    drift : relative random wander of the static paths per √s
    """

    ratio_db: float | None
    breath_bpm: float | None = None
    heart_bpm: float | None = None
    wander: float = 0.03
    jitter: float = 0.0235
    drift: float = 0.001
    n_tones: int = 52
    rate_hz: float = 20.0
    breath_m: float = 0.005
    heart_m: float = 0.0003
    second_harmonic: float = 0.2

    def record(
        self, duration_s: float, rng: np.random.Generator
    ) -> tuple[NDArray[np.float64], NDArray[np.float32], NDArray[np.float64]]:
        """(n,) arrival times, (n, n_tones) profiles, (n,) true breathing rate per minute (0 without breath)."""
        n = round(duration_s * self.rate_hz)
        sent = (np.arange(n) + rng.uniform(0, 1)) / self.rate_hz
        tones = (np.arange(self.n_tones) - self.n_tones / 2) * SPACING_HZ
        channel = self._static(sent, tones, rng)
        rate = self._breath_rate(sent, rng)
        if self.ratio_db is not None:
            scale = np.sqrt(np.mean(np.abs(channel[0]) ** 2)) * 10 ** (self.ratio_db / 20)
            delay = rng.uniform(20e-9, 80e-9)
            phase = 4 * np.pi * self._chest(sent, rate, rng) / WAVELENGTH_M + rng.uniform(0, 2 * np.pi)
            channel = channel + scale * np.exp(-1j * (phase[:, None] + 2 * np.pi * tones * delay))
        noise = rng.normal(size=(n, self.n_tones, 2)) @ np.array([1, 1j])
        amplitude = np.abs(channel + np.abs(channel) * self.jitter * noise)
        amplitude *= rng.uniform(0.85, 1.15, (n, 1)) * 40 / amplitude.mean()
        amplitude = np.maximum(np.round(amplitude), 0)
        arrival = np.maximum.accumulate(sent + rng.exponential(0.004, n))
        return arrival, (amplitude / amplitude.mean(axis=1, keepdims=True)).astype(np.float32), rate

    def _static(
        self, times: NDArray[np.float64], tones: NDArray[np.float64], rng: np.random.Generator
    ) -> NDArray[np.complex128]:
        """(n, n_tones): five paths over about 70 ns, each wandering slowly."""
        delays = np.sort(rng.uniform(0, 120e-9, 5))
        gains = np.exp(-delays / 70e-9) * (rng.normal(size=5) + 1j * rng.normal(size=5))
        gains[0] = 1.5 * np.exp(2j * np.pi * rng.uniform())
        steps = rng.normal(size=(len(times), 5, 2)) @ np.array([1, 1j])
        wander = np.cumsum(steps, axis=0) * self.drift / np.sqrt(self.rate_hz)
        return (gains * (1 + wander)) @ np.exp(-2j * np.pi * delays[:, None] * tones)

    def _breath_rate(self, times: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
        """(n,) breaths per minute, wandering with a knot every 4 s; zeros without breath."""
        if self.breath_bpm is None:
            return np.zeros(len(times))
        knots = np.arange(0.0, times[-1] + 4.0, 4.0)
        return self.breath_bpm * (1 + self.wander * np.interp(times, knots, rng.normal(size=len(knots))))

    def _chest(
        self, times: NDArray[np.float64], rate: NDArray[np.float64], rng: np.random.Generator
    ) -> NDArray[np.float64]:
        """(n,) displacement in metres."""
        chest = np.zeros(len(times))
        if self.breath_bpm is not None:
            phase = 2 * np.pi * np.cumsum(rate) / 60 / self.rate_hz + rng.uniform(0, 2 * np.pi)
            chest += self.breath_m / 2 * (np.cos(phase) + self.second_harmonic * np.cos(2 * phase + 0.7))
        if self.heart_bpm is not None:
            beats = self.heart_bpm / 60 * (1 + 0.02 * np.sin(2 * np.pi * 0.1 * times))
            phase = 2 * np.pi * np.cumsum(beats) / self.rate_hz + rng.uniform(0, 2 * np.pi)
            chest += self.heart_m / 2 * np.cos(phase)
        return chest
