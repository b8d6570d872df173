"""Reference errors on Gaussian data, as k-diffusion gives them.

Data N(0, 0.5^2), levels of Karras from 14.6146 to 0.0292 and 0, float64.
"""

SPREAD = 0.5
LOW, HIGH = 0.0292, 14.6146

KARRAS_10 = (
    14.6146, 9.1034, 5.4790, 3.1692, 1.7499,
    0.9144, 0.4471, 0.2015, 0.0820, 0.0292, 0,
)  # fmt: skip

# Relative error at the end, by number of steps, as printed.
ERRORS = {
    "euler": {10: "1.71e-01", 20: "8.58e-02", 40: "4.36e-02"},
    "heun": {10: "6.82e-02", 20: "1.29e-02", 40: "1.64e-03"},
    "dpm2": {10: "3.79e-02", 20: "6.66e-03", 40: "2.25e-04"},
    "lms": {10: "6.03e-02", 20: "7.41e-03", 40: "6.37e-04"},
    "dpmpp_2m": {10: "5.15e-02", 20: "1.28e-02", 40: "1.61e-03"},
}

# Standard deviation of 20,000 samples, by number of steps; exactly 0.5 were
# right. That of `dpmpp_sde` was measured with two unrelated draws a step.
SPREADS = {
    "euler_ancestral": {10: 0.357, 20: 0.419, 40: 0.456, 100: 0.483},
    "dpm2_ancestral": {10: 0.593, 20: 0.518, 40: 0.503, 100: 0.501},
    "dpmpp_2s_ancestral": {10: 0.449, 20: 0.484, 40: 0.494, 100: 0.500},
    "dpmpp_sde": {10: 0.389, 20: 0.433, 40: 0.460, 100: 0.485},
    "dpmpp_2m_sde": {10: 0.539, 20: 0.517, 40: 0.503, 100: 0.501},
    "dpmpp_3m_sde": {10: 0.676, 20: 0.508, 40: 0.501, 100: 0.501},
}
