"""Central finite differences: what every analytic gradient is compared with."""

from collections.abc import Callable

from ruview_engine.training.encoder import Parameters

STEP = 1e-6


def slope_of(value_at: Callable[[Parameters], float], parameters: Parameters, name: str, index: tuple) -> float:
    """Slope of a loss by one number of one tensor."""

    def moved(step: float) -> Parameters:
        copy = {key: array.copy() for key, array in parameters.items()}
        copy[name][index] += step
        return copy

    return (value_at(moved(STEP)) - value_at(moved(-STEP))) / (2 * STEP)
