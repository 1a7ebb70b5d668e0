"""The χ² quantile agrees with scipy's where it is used."""

import pytest
from scipy.stats import chi2

from ruview_engine.room.chi_square import quantile


@pytest.mark.parametrize("degrees", [4, 8, 16])
@pytest.mark.parametrize("probability", [0.9, 0.99, 0.999, 0.9999])
def test_quantile_matches_scipy(probability, degrees):
    assert quantile(probability, degrees) == pytest.approx(chi2.ppf(probability, degrees), rel=0.03)
