import numpy as np

from warehouse.methods.breakpoints import as_breakpoints, piecewise_score

CURVE = as_breakpoints([[1e6, 0], [1e8, 100]])


def test_money_runs_on_a_logarithmic_axis_where_asked():
    values = np.array([1e7, 1e9, 1e5, 0.0, -3.0, np.nan])
    np.testing.assert_allclose(piecewise_score(values, CURVE, log_scaled=True), [50, 100, 0, 0, 0, np.nan], atol=1e-12)
    np.testing.assert_allclose(piecewise_score(values, CURVE)[0], 100 * 9 / 99)
