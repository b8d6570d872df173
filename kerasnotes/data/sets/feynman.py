"""Formulae of physics, with the units of what stands in them.

A part of the Feynman Symbolic Regression Database, named by volume, chapter
and equation of the Lectures, in the ranges that are drawn from there.

Source:
    Udrescu & Tegmark, 2020, AI Feynman, table 4 (formulae and ranges).
    https://arxiv.org/abs/1905.11481
"""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Formula:
    """One formula.

    Args:
        title: What it is.
        text: It, as `Expression` reads it.
        answer: Name of what it gives.
        units: Of the answer.
        variables: Of each: its units, and the ends of its range.
    """

    title: str
    text: str
    answer: str
    units: str
    variables: dict[str, tuple[str, float, float]]


FEYNMAN = {
    "I.6.2a": Formula(
        "standard normal density",
        "exp(-theta**2/2)/sqrt(2*pi)",
        "f",
        "",
        {"theta": ("", 1, 3)},
    ),
    "I.6.2": Formula(
        "normal density",
        "exp(-(theta/sigma)**2/2)/(sqrt(2*pi)*sigma)",
        "f",
        "",
        {"theta": ("", 1, 3), "sigma": ("", 1, 3)},
    ),
    "I.12.1": Formula(
        "friction",
        "mu*N",
        "F",
        "N",
        {"mu": ("", 1, 5), "N": ("N", 1, 5)},
    ),
    "I.12.5": Formula(
        "force on a charge",
        "q*E",
        "F",
        "N",
        {"q": ("C", 1, 5), "E": ("V/m", 1, 5)},
    ),
    "I.14.4": Formula(
        "energy of a spring",
        "k*x**2/2",
        "U",
        "J",
        {"k": ("N/m", 1, 5), "x": ("m", 1, 5)},
    ),
    "I.25.13": Formula(
        "voltage of a capacitor",
        "q/C",
        "V",
        "V",
        {"q": ("C", 1, 5), "C": ("F", 1, 5)},
    ),
    "I.26.2": Formula(
        "Snell's law",
        "asin(n*sin(theta2))",
        "theta1",
        "rad",
        {"n": ("", 0, 1), "theta2": ("rad", 1, 5)},
    ),
    "I.29.4": Formula(
        "wave number",
        "omega/c",
        "k",
        "1/m",
        {"omega": ("rad/s", 1, 10), "c": ("m/s", 1, 10)},
    ),
    "I.34.27": Formula(
        "energy of a photon",
        "h/(2*pi)*omega",
        "E",
        "J",
        {"h": ("J s", 1, 5), "omega": ("rad/s", 1, 5)},
    ),
    "I.39.1": Formula(
        "energy of a monatomic gas",
        "3/2*p*V",
        "U",
        "J",
        {"p": ("Pa", 1, 5), "V": ("m^3", 1, 5)},
    ),
    "II.3.24": Formula(
        "flow of heat from a point",
        "W/(4*pi*r**2)",
        "h",
        "W/m^2",
        {"W": ("W", 1, 5), "r": ("m", 1, 5)},
    ),
    "II.8.31": Formula(
        "energy density of a field",
        "epsilon*E**2/2",
        "u",
        "J/m^3",
        {"epsilon": ("F/m", 1, 5), "E": ("V/m", 1, 5)},
    ),
    "II.27.18": Formula(
        "energy density of a wave",
        "epsilon*E**2",
        "u",
        "J/m^3",
        {"epsilon": ("F/m", 1, 5), "E": ("V/m", 1, 5)},
    ),
    "II.38.14": Formula(
        "shear modulus",
        "Y/(2*(1+sigma))",
        "mu",
        "Pa",
        {"Y": ("Pa", 1, 5), "sigma": ("", 1, 5)},
    ),
    "III.12.43": Formula(
        "angular momentum",
        "n*h/(2*pi)",
        "L",
        "J s",
        {"n": ("", 1, 5), "h": ("J s", 1, 5)},
    ),
}
