import numpy as np


def answer():
    masked = np.ma.array([1.0, 2.0], mask=[False, True])
    spectrum = np.fft.rfft(np.ones(8))
    line = np.polyfit([0, 1, 2], [1, 3, 5], 1)
    q, _ = np.linalg.qr(np.ones((3, 2)))
    np.testing.assert_allclose(np.polynomial.polynomial.polyval(2, [1, 2]), 5)
    return masked.sum() == 1 and spectrum[0].real == 8 and abs(line[0] - 2) < 1e-9 and q.shape == (3, 2)
