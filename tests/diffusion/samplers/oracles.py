"""The samplers again, written out step by step in NumPy, float64.

In the form of k-diffusion's `sampling.py` (and, for UniPC, of the paper's
order 2), with a network and noise at hand: an oracle that shares
no line with it. Each takes `(denoise, x, sigmas, noise)`, where `noise()`
draws the next array.
"""

import itertools
import math

import numpy as np
from scipy import integrate


def gaussian(spread):
    """The best denoiser of data `N(0, spread^2)`."""
    return lambda x, sigma: x * spread**2 / (spread**2 + sigma**2)


def bent(x, sigma):
    """No data's best denoiser, but one that bends."""
    return 2.0 * x / (1.0 + x * x + 3.0 * sigma * sigma)


def ancestral(sigma, target, eta=1.0):
    up = eta * math.sqrt(target**2 * (sigma**2 - target**2) / sigma**2)
    up = min(up, target)
    return math.sqrt(target**2 - up**2), up


def euler(denoise, x, sigmas, noise):
    for s, t in itertools.pairwise(sigmas):
        x = x + (x - denoise(x, s)) / s * (t - s)
    return x


def euler_ancestral(denoise, x, sigmas, noise):
    for s, t in itertools.pairwise(sigmas):
        down, up = ancestral(s, t)
        x = x + (x - denoise(x, s)) / s * (down - s)
        x = x + up * noise()
    return x


def heun(denoise, x, sigmas, noise):
    for s, t in itertools.pairwise(sigmas):
        d = (x - denoise(x, s)) / s
        x_2 = x + d * (t - s)
        if t > 0:
            d_2 = (x_2 - denoise(x_2, t)) / t
            x_2 = x + (d + d_2) / 2 * (t - s)
        x = x_2
    return x


def dpm2(denoise, x, sigmas, noise):
    for s, t in itertools.pairwise(sigmas):
        d = (x - denoise(x, s)) / s
        if t == 0:
            x = x + d * (t - s)
            continue
        mid = math.exp((math.log(s) + math.log(t)) / 2)
        x_2 = x + d * (mid - s)
        x = x + (x_2 - denoise(x_2, mid)) / mid * (t - s)
    return x


def dpm2_ancestral(denoise, x, sigmas, noise):
    for s, t in itertools.pairwise(sigmas):
        down, up = ancestral(s, t)
        d = (x - denoise(x, s)) / s
        if down == 0:
            x = x + d * (down - s)
        else:
            mid = math.exp((math.log(s) + math.log(down)) / 2)
            x_2 = x + d * (mid - s)
            x = x + (x_2 - denoise(x_2, mid)) / mid * (down - s)
        x = x + up * noise()
    return x


def lms(denoise, x, sigmas, noise):
    slopes = []
    for i, (s, t) in enumerate(itertools.pairwise(sigmas)):
        slopes = [(x - denoise(x, s)) / s, *slopes][:4]
        nodes = [sigmas[i - j] for j in range(len(slopes))]

        def weight(tau, j, nodes=nodes):
            rest = [n for k, n in enumerate(nodes) if k != j]
            return math.prod((tau - n) / (nodes[j] - n) for n in rest)

        for j, d in enumerate(slopes):
            x = x + integrate.quad(weight, s, t, args=(j,), epsabs=0)[0] * d
    return x


def dpmpp_2s_ancestral(denoise, x, sigmas, noise):
    for s, t in itertools.pairwise(sigmas):
        down, up = ancestral(s, t)
        denoised = denoise(x, s)
        if down == 0:
            x = x + (x - denoised) / s * (down - s)
        else:
            lam, lam_t = -math.log(s), -math.log(down)
            h = lam_t - lam
            mid = math.exp(-(lam + h / 2))
            x_2 = mid / s * x - math.expm1(-h / 2) * denoised
            x = down / s * x - math.expm1(-h) * denoise(x_2, mid)
        x = x + up * noise()
    return x


def dpmpp_sde(denoise, x, sigmas, noise, brownian=True):
    for s, t in itertools.pairwise(sigmas):
        denoised = denoise(x, s)
        if t == 0:
            x = denoised
            continue
        lam, lam_t = -math.log(s), -math.log(t)
        mid = math.exp(-(lam + lam_t) / 2)
        # A Brownian path in sigma: W(s) - W(mid), then W(mid) - W(t).
        first = math.sqrt(s - mid) * noise()
        second = math.sqrt(mid - t) * noise()
        down, up = ancestral(s, mid)
        x_2 = down / s * x - math.expm1(math.log(down / s)) * denoised
        x_2 = x_2 + up * first / math.sqrt(s - mid)
        denoised = denoise(x_2, mid)
        down, up = ancestral(s, t)
        x = down / s * x - math.expm1(math.log(down / s)) * denoised
        if brownian:
            x = x + up * (first + second) / math.sqrt(s - t)
        else:
            x = x + up * second / math.sqrt(mid - t)
    return x


def dpmpp_2m(denoise, x, sigmas, noise):
    old = before = None
    for s, t in itertools.pairwise(sigmas):
        denoised = denoise(x, s)
        if t == 0:
            x = denoised
            continue
        h = math.log(s) - math.log(t)
        mixed = denoised
        if old is not None:
            r = before / h
            mixed = (1 + 1 / (2 * r)) * denoised - 1 / (2 * r) * old
        x = t / s * x - math.expm1(-h) * mixed
        old, before = denoised, h
    return x


def dpmpp_2m_sde(denoise, x, sigmas, noise, eta=1.0):
    old = before = None
    for s, t in itertools.pairwise(sigmas):
        denoised = denoise(x, s)
        if t == 0:
            x = denoised
            continue
        h = math.log(s) - math.log(t)
        x = t / s * math.exp(-eta * h) * x - math.expm1(-h - eta * h) * denoised
        if old is not None:
            r = before / h
            x = x - 0.5 * math.expm1(-h - eta * h) / r * (denoised - old)
        x = x + noise() * t * math.sqrt(-math.expm1(-2 * eta * h))
        old, before = denoised, h
    return x


def dpmpp_3m_sde(denoise, x, sigmas, noise, eta=1.0):
    d_1 = d_2 = h_1 = h_2 = None
    for s, t in itertools.pairwise(sigmas):
        denoised = denoise(x, s)
        if t == 0:
            x = denoised
            continue
        h = math.log(s) - math.log(t)
        h_eta = h * (eta + 1)
        x = math.exp(-h_eta) * x - math.expm1(-h_eta) * denoised
        phi_2 = math.expm1(-h_eta) / h_eta + 1
        if h_2 is not None:
            r_0, r_1 = h_1 / h, h_2 / h
            a, b = (denoised - d_1) / r_0, (d_1 - d_2) / r_1
            slope = a + (a - b) * r_0 / (r_0 + r_1)
            bend = (a - b) / (r_0 + r_1)
            x = x + phi_2 * slope - (phi_2 / h_eta - 0.5) * bend
        elif h_1 is not None:
            x = x + phi_2 * (denoised - d_1) / (h_1 / h)
        x = x + noise() * t * math.sqrt(-math.expm1(-2 * h * eta))
        d_1, d_2, h_1, h_2 = denoised, d_1, h, h_1
    return x


def ddim(denoise, x, sigmas, noise, eta=0.0):
    """In `x_t` with alphas, as the paper's eq. (12) and (16)."""
    ac = [1 / (1 + sigma**2) for sigma in sigmas]
    x_t = x * math.sqrt(ac[0])
    for (a, b), s in zip(itertools.pairwise(ac), sigmas[:-1], strict=True):
        x_start = denoise(x_t / math.sqrt(a), s)
        e = (x_t - math.sqrt(a) * x_start) / math.sqrt(1 - a)
        var = eta**2 * (1 - b) / (1 - a) * (1 - a / b)
        x_t = math.sqrt(b) * x_start + math.sqrt(max(0, 1 - b - var)) * e
        if eta:
            x_t = x_t + math.sqrt(var) * noise()
    return x_t / math.sqrt(ac[-1])


def ddpm(denoise, x, sigmas, noise, variance="fixed_small"):
    """In `x_t`, by the posterior of eq. (7)."""
    ac = [1 / (1 + sigma**2) for sigma in sigmas]
    x_t = x * math.sqrt(ac[0])
    for (a, b), s in zip(itertools.pairwise(ac), sigmas[:-1], strict=True):
        x_start = denoise(x_t / math.sqrt(a), s)
        alpha, beta = a / b, 1 - a / b
        var = beta if variance == "fixed_large" else (1 - b) / (1 - a) * beta
        x_t = (
            math.sqrt(b) * beta / (1 - a) * x_start
            + math.sqrt(alpha) * (1 - b) / (1 - a) * x_t
        )
        if b < 1:
            x_t = x_t + math.sqrt(var) * noise()
    return x_t / math.sqrt(ac[-1])


def pndm(denoise, x, sigmas, noise):
    """In `x_t`: the transfer of eq. (9), noise extrapolated."""
    ac = [1 / (1 + sigma**2) for sigma in sigmas]

    def ask(x_t, i):
        x_start = denoise(x_t / math.sqrt(ac[i]), sigmas[i])
        return (x_t - math.sqrt(ac[i]) * x_start) / math.sqrt(1 - ac[i])

    def transfer(x_t, e, i):
        a, b = ac[i], ac[i + 1]
        under = math.sqrt((1 - b) * a) + math.sqrt((1 - a) * b)
        return math.sqrt(b / a) * x_t - (b - a) / (math.sqrt(a) * under) * e

    x_t, es = x * math.sqrt(ac[0]), []
    for i in range(len(ac) - 1):
        es = [ask(x_t, i), *es][:4]
        if i == 0 and ac[1] < 1:
            mean = (es[0] + ask(transfer(x_t, es[0], 0), 1)) / 2
            x_t = transfer(x_t, mean, 0)
            continue
        weights = {
            1: (1,),
            2: (3 / 2, -1 / 2),
            3: (23 / 12, -4 / 3, 5 / 12),
            4: (55 / 24, -59 / 24, 37 / 24, -9 / 24),
        }[len(es)]
        e = sum(w * each for w, each in zip(weights, es, strict=True))
        x_t = transfer(x_t, e, i)
    return x_t / math.sqrt(ac[-1])


def unipc(denoise, x, sigmas, noise):
    """Order 2, B_2(h) = e^h - 1, the weights of appendix A solved by hand."""
    lam = [-math.log(sigma) if sigma else math.inf for sigma in sigmas]
    answers, start = [], x
    for i in range(len(sigmas) - 1):
        new = denoise(x, sigmas[i])
        corrected = x
        if i:
            h = lam[i] - lam[i - 1]
            base = sigmas[i] / sigmas[i - 1] * start
            m_0 = answers[-1]
            if i == 1:
                change = m_0 + (new - m_0) / 2
            else:
                r = (lam[i - 2] - lam[i - 1]) / h
                b_1, b_2 = _b(h)
                # rho_1 + rho_2 = b_1, r rho_1 + rho_2 = b_2.
                rho = (b_2 - b_1) / (r - 1)
                change = m_0 + rho * (answers[-2] - m_0) / r
                change = change + (b_1 - rho) * (new - m_0)
            corrected = base - math.expm1(-h) * change
        answers.append(new)
        start = corrected
        if sigmas[i + 1] == 0:
            return new
        h = lam[i + 1] - lam[i]
        change = new
        if 0 < i < len(sigmas) - 2:
            change = new + (new - answers[-2]) / (lam[i] - lam[i - 1]) * h / 2
        x = sigmas[i + 1] / sigmas[i] * start - math.expm1(-h) * change
    return x


def _b(h):
    phi_1 = math.expm1(-h) / -h
    phi_2 = (phi_1 - 1) / -h
    return (phi_1 - 1) / math.expm1(-h), (phi_2 - 0.5) * 2 / math.expm1(-h)


def reverse(name, denoise, x, sigmas, noise=None, **options):
    """Runs a sampler by its name."""
    draws = iter(() if noise is None else noise)
    sampler = globals()[name]
    return np.asarray(
        sampler(denoise, x, list(sigmas), lambda: next(draws), **options)
    )
