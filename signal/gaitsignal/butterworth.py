"""Digital Butterworth filters as second-order sections, designed and run with numpy alone.

Why not `scipy.signal`: importing it costs thirty times the CPU time of a whole measurement (0.65 s against
0.02 s, several seconds on a small board). Results agree with its `butter` and `sosfiltfilt` to rounding; the
tests compare them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
ComplexArray = npt.NDArray[np.complex128]
Kind = Literal["lowpass", "highpass", "bandpass"]

BLOCK = 64
"""Samples filtered by one matrix product; the state is carried from block to block."""


@dataclass(frozen=True, slots=True)
class Section:
    """A second-order section, ready to run block by block.

    direct     (BLOCK, BLOCK) from the input of a block to its output
    echo       (BLOCK, 2) from the state before the block to its output
    gather     (2, BLOCK) from the input to the state after the block
    carry      (2, 2) from the state before to the state after
    steady     (2,) state after an endless input of ones
    gain       output for that input
    """

    direct: FloatArray
    echo: FloatArray
    gather: FloatArray
    carry: FloatArray
    steady: FloatArray
    gain: float


def design(kind: Kind, cutoff_hz: float | tuple[float, float], fs_hz: float, order: int) -> FloatArray:
    """(k, 6) sections b0 b1 b2 1 a1 a2 of the filter; ValueError for cut-offs outside 0..fs/2.

    Notes
    -----
    Poles of the analog prototype, warped to the cut-off, band transform, bilinear transform; a transfer
    function would lose digits at 0.1 Hz of 100 Hz, pairs of poles do not.
    """
    edges = np.atleast_1d(np.asarray(cutoff_hz, dtype=np.float64)) * 2.0 / fs_hz
    if edges.size != (2 if kind == "bandpass" else 1) or not ((edges > 0) & (edges < 1)).all():
        raise ValueError(f"{kind} cut-off {cutoff_hz} Hz does not fit a rate of {fs_hz} Hz")
    warped = 4.0 * np.tan(np.pi * edges / 2.0)
    prototype = -np.exp(1j * np.pi * np.arange(1 - order, order, 2) / (2 * order))
    if kind == "lowpass":
        poles, gain, numerator = prototype * warped[0], warped[0] ** order, (1.0, 2.0, 1.0)
        zeros_at_zero = 0
    elif kind == "highpass":
        poles, gain, numerator = warped[0] / prototype, 1.0, (1.0, -2.0, 1.0)
        zeros_at_zero = order
    else:
        half, centre2 = prototype * (warped[1] - warped[0]) / 2.0, warped[0] * warped[1]
        root = np.sqrt(half**2 - centre2)
        poles, gain = np.concatenate([half + root, half - root]), (warped[1] - warped[0]) ** order
        numerator, zeros_at_zero = (1.0, 0.0, -1.0), order
    total = gain * float(np.real(4.0**zeros_at_zero / np.prod(4.0 - poles)))
    return _sections((4.0 + poles) / (4.0 - poles), numerator, total)


def _sections(poles: ComplexArray, numerator: tuple[float, float, float], gain: float) -> FloatArray:
    """Pairs of poles with two zeros each (one of each in an odd last section), the gain in the first."""
    paired = [np.poly([p, np.conj(p)]).real for p in poles[poles.imag > 1e-12]]
    real = np.sort(poles[np.abs(poles.imag) <= 1e-12].real)
    paired += [np.poly(real[i : i + 2]) for i in range(0, real.size, 2)]
    paired.sort(key=lambda a: float(np.abs(a[-1])))
    rows = []
    for a in paired:
        b = numerator if a.size == 3 else (1.0, numerator[1] / 2.0, 0.0)
        rows.append([*b, *a, *([0.0] if a.size == 2 else [])])
    sections = np.array(rows)
    sections[0, :3] *= gain
    return sections


def prepare(sections: FloatArray) -> tuple[Section, ...]:
    """The sections ready to run."""
    return tuple(_prepared(row) for row in sections)


def _prepared(row: FloatArray) -> Section:
    b0, b1, b2, _, a1, a2 = (float(value) for value in row)
    step, enter = np.array([[-a1, 1.0], [-a2, 0.0]]), np.array([b1 - a1 * b0, b2 - a2 * b0])
    powers = [np.eye(2)]
    for _ in range(BLOCK):
        powers.append(step @ powers[-1])
    echo = np.array([power[0] for power in powers[:BLOCK]])
    impulse = np.concatenate([[b0], echo[:-1] @ enter])
    delay = np.subtract.outer(np.arange(BLOCK), np.arange(BLOCK))
    direct = np.where(delay >= 0, impulse[np.maximum(delay, 0)], 0.0)
    gather = np.column_stack([powers[BLOCK - 1 - i] @ enter for i in range(BLOCK)])
    steady = np.linalg.solve(np.eye(2) - step, enter)
    return Section(direct, echo, gather, powers[BLOCK], steady, (b0 + b1 + b2) / (1.0 + a1 + a2))


def run(x: FloatArray, sections: tuple[Section, ...]) -> FloatArray:
    """(n, k) filtered along time, as if every column had stood at its first value for ever."""
    n, columns = x.shape
    blocks = -(-n // BLOCK)
    y = np.zeros((blocks * BLOCK, columns))
    y[:n] = x
    resting = x[0].copy()
    for section in sections:
        y = _run_section(y.reshape(blocks, BLOCK, columns), section, resting).reshape(-1, columns)
        resting = resting * section.gain
    return y[:n]


def _run_section(x: FloatArray, section: Section, resting: FloatArray) -> FloatArray:
    gathered = section.gather @ x
    states = np.empty_like(gathered)
    state = np.outer(section.steady, resting)
    for i, new in enumerate(gathered):
        states[i] = state
        state = section.carry @ state + new
    filtered: FloatArray = section.direct @ x + section.echo @ states
    return filtered


def zero_phase(x: FloatArray, sections: tuple[Section, ...], padding: int) -> FloatArray:
    """(n, k) filtered forwards and backwards, `padding` samples mirrored oddly at both ends."""
    if x.shape[0] <= padding:
        raise ValueError(f"{x.shape[0]} samples are too few for this filter: it needs more than {padding}")
    head = 2.0 * x[0] - x[padding:0:-1]
    tail = 2.0 * x[-1] - x[-2 : -padding - 2 : -1]
    forward = run(np.concatenate([head, x, tail]), sections)
    return run(forward[::-1], sections)[::-1][padding : padding + x.shape[0]]


def padding_samples(sections: FloatArray) -> int:
    """Mirrored samples at each end: three times the taps of the filter, as scipy has it."""
    taps = 2 * sections.shape[0] + 1
    short = min(np.count_nonzero(sections[:, 2] == 0), np.count_nonzero(sections[:, 5] == 0))
    return int(3 * (taps - short))
