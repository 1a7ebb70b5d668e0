"""The look-up table against the formula."""

import numpy as np

from ruview_engine.links.amplitude import amplitudes


def test_every_byte_pair_is_its_hypotenuse():
    imag, real = np.meshgrid(np.arange(-128, 128), np.arange(-128, 128))
    iq = np.stack([imag.ravel(), real.ravel()], axis=1).astype(np.int8)
    found = amplitudes(iq.tobytes(), 65_536)
    np.testing.assert_allclose(found, np.hypot(imag.ravel(), real.ravel()), rtol=1e-6)
    assert found.dtype == np.float32


def test_only_the_first_antenna_is_read():
    assert amplitudes(bytes([3, 4, 0, 5, 99, 99]), 2).tolist() == [5.0, 5.0]
