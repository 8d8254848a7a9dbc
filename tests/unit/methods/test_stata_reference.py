"""Against what the Stata package of the Atlas computed: 10 exporters x 30 headings of 1995, five nearest neighbours.

Presence and results are facts copied from the fixtures of cid-harvard/py-ecomplexity (`stata_knn_5.csv`, MIT, Copyright (c)
2018 Center for International Development at Harvard University).
"""

import numpy as np
import pytest

from warehouse.methods.complexity import complexity
from warehouse.methods.relatedness import proximity
from warehouse.methods.relatedness_forms import knn_density

PRODUCTS = [
    "1704",
    "1806",
    "1905",
    "2007",
    "2105",
    "3208",
    "3402",
    "3917",
    "3922",
    "4008",
    "4010",
    "4905",
    "5602",
    "6804",
    "6810",
    "7010",
    "7307",
    "7308",
    "7309",
    "7310",
    "7325",
    "7604",
    "7608",
    "7612",
    "7616",
    "8309",
    "8431",
    "8474",
    "8530",
    "9403",
]
# Austria, Belgium and Luxembourg, Switzerland, Germany, Denmark, Spain, United Kingdom, Italy, Poland, Slovenia.
PRESENCE = np.array(
    [
        [int(cell) for cell in row.replace(" ", "")]
        for row in (
            "0001 0001 1000 1101 1100 1101 1010 10",
            "1111 1110 0110 0011 0101 1110 0000 00",
            "1101 0101 1011 0100 1000 0111 1010 10",
            "0000 0111 0110 1101 1001 0001 0111 10",
            "1011 1000 0001 1010 0000 0011 0001 01",
            "1001 1010 0110 1101 0011 1011 1100 00",
            "1111 0111 1011 1000 1110 1001 0111 10",
            "0000 0000 1000 0011 1010 0000 1101 01",
            "1000 1000 0000 0010 0110 1000 0000 01",
            "0000 0100 1110 0110 0010 1110 1110 01",
        )
    ]
)
DENSITY = {
    "1704": [0.52, 0.84, 0.68, 0.32, 0.68, 1, 0.68, 0, 0.32, 0.48],
    "1806": [
        0.4213483146067415, 0.7191011235955055, 0.7191011235955055, 0.4382022471910112, 0.3932584269662921,
        0.3370786516853932, 0.9157303370786515, 0, 0.1685393258426966, 0.2696629213483146,
    ],
    "2105": [
        0.2556818181818182, 0.9147727272727272, 0.3011363636363636, 0.2556818181818182, 0.5738636363636364,
        0.6420454545454545, 0.5397727272727272, 0.1875, 0.4715909090909091, 0.4602272727272727,
    ],
    "6810": [
        0.1388888888888889, 0.6111111111111109, 0.3055555555555555, 0, 0.6944444444444443,
        0.7777777777777776, 0.4444444444444443, 0.3888888888888888, 0.8333333333333331, 0.6944444444444443,
    ],
    "7612": [
        0.7894736842105262, 0.3421052631578947, 0.8684210526315789, 0.763157894736842, 0.3684210526315789,
        0.5789473684210525, 0.8947368421052631, 0.1052631578947368, 0.1052631578947368, 0.3157894736842105,
    ],
    "8431": [0.8333333333333335, 0.1666666666666667, 1, 0.8333333333333335, 0, 0.1666666666666667, 0.8333333333333335, 1 / 3, 0, 0.5],
    "9403": [0.2, 0.425, 0.3, 0.225, 0.55, 0.575, 0.475, 0.775, 0.475, 0.75],
}  # fmt: skip
ECI = [
    1.073207217992253, -0.3159764634559932, 1.06773721349865, 1.200861157616729, -0.9777046345252988, 0.0180390442936879,
    0.5359206138129307, -0.421184002398617, -2.170709342895322, -0.0101908039390183,
]  # fmt: skip
PCI = {"1704": -1.470491886427003, "3917": 2.794806326517154, "6804": 1.794091102846822, "9403": -3.434600369331548}


@pytest.mark.parametrize("product", DENSITY)
def test_knn_density_is_that_of_the_stata_package(product: str) -> None:
    """The oracle for k nearest neighbours, since ecomplexity 0.5.3 sums them without weights."""
    got = knn_density(PRESENCE, proximity(PRESENCE), 5)[:, PRODUCTS.index(product)]
    np.testing.assert_allclose(got, DENSITY[product], rtol=0, atol=1e-14)


def test_complexity_is_that_of_the_stata_package() -> None:
    """It takes mean and deviation over every cell of the table (300, ddof 1) and not over the locations, in float32."""
    found, cells = complexity(PRESENCE), PRESENCE.size
    np.testing.assert_allclose(found.eci * np.sqrt(1 - 1 / cells), ECI, atol=1e-6)
    of_product = [found.pci[PRODUCTS.index(code)] for code in PCI]
    np.testing.assert_allclose(np.array(of_product) * np.sqrt(1 - 1 / cells), list(PCI.values()), atol=1e-6)
