"""Adam with a cosine schedule; one owner of the moments of one set of parameters."""

import math
from typing import Final

import numpy as np

from .encoder import Parameters

#: Origin: spec, Kingma & Ba 2015, Algorithm 1 defaults.
BETA_1: Final = 0.9
BETA_2: Final = 0.999
EPSILON: Final = 1e-8


class Adam:
    """Adam with decoupled weight decay and a cosine schedule from `rate` to zero over `n_steps`."""

    def __init__(self, rate: float, n_steps: int, weight_decay: float = 0.0) -> None:
        if rate <= 0.0 or n_steps < 1:
            raise ValueError(f"rate {rate} and n_steps {n_steps} must be positive")
        self.rate = rate
        self.n_steps = n_steps
        self.weight_decay = weight_decay
        self._step = 0
        self._first: Parameters = {}
        self._second: Parameters = {}

    @property
    def rate_now(self) -> float:
        """The learning rate of the next step."""
        return self.rate * 0.5 * (1.0 + math.cos(math.pi * min(self._step / self.n_steps, 1.0)))

    def update(self, parameters: Parameters, gradient: Parameters) -> Parameters:
        """One step; returns new arrays and leaves the given ones alone."""
        rate = self.rate_now
        self._step += 1
        result: Parameters = {}
        for name, value in parameters.items():
            slope = gradient[name]
            first = BETA_1 * self._first.get(name, np.zeros_like(value)) + (1.0 - BETA_1) * slope
            second = BETA_2 * self._second.get(name, np.zeros_like(value)) + (1.0 - BETA_2) * slope**2
            self._first[name], self._second[name] = first, second
            unbiased = first / (1.0 - BETA_1**self._step)
            scale = np.sqrt(second / (1.0 - BETA_2**self._step)) + EPSILON
            # Biases are not decayed: decay is there to keep weights small for quantisation, biases stay float.
            decay = self.weight_decay * value if value.ndim > 1 else 0.0
            result[name] = value - rate * (unbiased / scale + decay)
        return result
