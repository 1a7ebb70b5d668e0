"""What does not belong: single wild values (Hampel 1974) and whole rows that resemble neither neighbour."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from .robust import MAD_TO_SIGMA, column_medians, median

#: A row is lonely when it is this many times further from its nearest neighbour in time than half of the rows are.
#: Origin: measured — 2 to 3 give the paced recordings 4 dB more line and leave empty rooms as they are.
LONELY: Final = 2.5

#: More than this and they are not exceptions but how the link behaves. Origin: measured — 12 % in the worst recording.
MAX_LONELY_SHARE: Final = 0.25


def hampel(values: NDArray[np.float64], *, half_width: int = 3, n_sigmas: float = 5.0) -> NDArray[np.float64]:
    """Replace what is far from the median of its neighbours in time.

    The scale is one robust number per column, from the median step between successive values, not one per position as
    in the textbook form: a scale from seven values is so noisy that it eats 3 % of clean Gaussian samples. (The
    deviation from the running median gives no scale either: where a breath rises, the middle value is its own median.)

    Parameters
    ----------
    values : (n, n_columns)
    half_width : neighbours on each side
    n_sigmas : how far is far

    Returns
    -------
    (n, n_columns) new array; the input itself when it is shorter than the neighbourhood
    """
    n, width = len(values), 2 * half_width + 1
    if n < width:
        return values
    limit = n_sigmas * MAD_TO_SIGMA / np.sqrt(2.0) * column_medians(np.abs(np.diff(values, axis=0)))
    padded = np.pad(values, ((half_width, half_width), (0, 0)), mode="edge")
    # Whoever is near half of its neighbours is near their median; only the others' medians are worked out.
    n_near = np.zeros(values.shape, np.int8)
    for apart in range(1, half_width + 1):
        is_near = np.abs(padded[apart:] - padded[:-apart]) <= limit
        n_near += is_near[half_width - apart : half_width - apart + n]
        n_near += is_near[half_width : half_width + n]
    rows, columns = np.nonzero((n_near < half_width) & (limit > 0))
    middle = np.partition(padded[rows + np.arange(width)[:, None], columns], half_width, axis=0)[half_width]
    is_far = np.abs(values[rows, columns] - middle) > limit[columns]
    cured = values.copy()
    cured[rows[is_far], columns[is_far]] = middle[is_far]
    return cured


def belonging_rows(values: NDArray[np.floating], *, lag: int) -> NDArray[np.bool_]:
    """Rows that resemble the row `lag` before, the row `lag` after, or the mean of the two.

    Motion is smooth in time, so a moving row lies between its neighbours; a broken frame lies nowhere near. A run of up
    to `lag` broken rows is found as a whole, because neither side of it looks like it.

    Parameters
    ----------
    values : (n, n_columns)
    lag : rows, ≥ 1; of the order of one grid cell

    Returns
    -------
    (n,) bool; all True when there are too few rows to say, or when so many would go that they are not exceptions
    """
    n = len(values)
    if n < 4 * lag + 4:
        return np.ones(n, dtype=np.bool_)
    step = np.abs(values[lag:] - values[:-lag]).mean(axis=1)
    nearest = np.full(n, np.inf)
    nearest[lag:] = step
    nearest[:-lag] = np.minimum(nearest[:-lag], step)
    between = np.abs(values[lag:-lag] - 0.5 * (values[2 * lag :] + values[: -2 * lag])).mean(axis=1)
    nearest[lag:-lag] = np.minimum(nearest[lag:-lag], between)
    belonging = nearest <= LONELY * median(nearest)
    return belonging if np.mean(belonging) >= 1.0 - MAX_LONELY_SHARE else np.ones(n, dtype=np.bool_)
