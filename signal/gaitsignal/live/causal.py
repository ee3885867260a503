"""Butterworth filters that see the past only, a block of samples at a time, in numpy alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
BLOCK = 10
"""Samples worked on at a time, whatever the radio delivers: results do not depend on the size of its packets."""


@dataclass(frozen=True, slots=True)
class Section:
    """y = (b0 + b1/z + b2/z2) / (1 + a1/z + a2/z2) x."""

    b: tuple[float, float, float]
    a: tuple[float, float]


def butterworth(cutoff_hz: float | tuple[float, float], fs_hz: float, order: int) -> tuple[Section, ...]:
    """Sections of a low-pass at one cut-off or a band-pass between two; `order` even, a band-pass has twice the poles.

    Notes
    -----
    Butterworth 1930 by the bilinear transform; equals `scipy.signal.butter` (tests/gaitsignal/test_live_filters.py).
    """
    if order % 2:
        raise ValueError(f"order {order} is odd")
    cutoffs = cutoff_hz if isinstance(cutoff_hz, tuple) else (cutoff_hz,)
    warped = [float(np.tan(np.pi * cutoff / fs_hz)) for cutoff in cutoffs]
    poles = -np.exp(0.5j * np.pi * np.arange(1 - order, order, 2) / order)
    if len(warped) == 1:
        analog, zeros, reference = poles * warped[0], (1.0, 2.0, 1.0), 0.0
    else:
        half = 0.5 * poles * (warped[1] - warped[0])
        root = np.sqrt(half**2 - warped[0] * warped[1])
        analog, zeros = np.concatenate([half + root, half - root]), (1.0, 0.0, -1.0)
        reference = 2.0 * float(np.arctan(np.sqrt(warped[0] * warped[1])))
    digital = (1.0 + analog) / (1.0 - analog)
    delay = np.exp(-1j * reference)
    sections = []
    for pole in digital[digital.imag > 0]:
        a = (-2.0 * float(pole.real), float(abs(pole)) ** 2)
        gain = abs(np.polyval(zeros[::-1], delay) / np.polyval((a[1], a[0], 1.0), delay))
        sections.append(Section((zeros[0] / gain, zeros[1] / gain, zeros[2] / gain), a))
    return tuple(sections)


class CausalFilters:
    """Several filters, each over its own columns, stepped by whole blocks.

    A linear filter takes a block of inputs and its state to a block of outputs and its next state by one matrix,
    which is found once by sending unit impulses and unit states through the recursion.
    """

    def __init__(self, designs: Sequence[Sequence[Section]], columns: int) -> None:
        """Filters of equal length, each for (BLOCK, columns) inputs."""
        self._matrix = np.stack([_block_matrix(sections) for sections in designs])
        states = self._matrix.shape[1] - BLOCK
        self._settled = False
        self._given = np.zeros((len(designs), BLOCK + states, columns))

    def push(self, block: FloatArray) -> FloatArray:
        """(filters, BLOCK, columns) outputs for (BLOCK, columns); it starts as if the first row had stood for ever."""
        given = self._given  # inputs, then states, written in place: half of the cost of a block
        if not self._settled:
            given[:, BLOCK:], self._settled = self._rest(block[0]), True
        given[:, :BLOCK] = block
        out: FloatArray = self._matrix @ given
        given[:, BLOCK:] = out[:, BLOCK:]
        return out[:, :BLOCK]

    def _rest(self, first: FloatArray) -> FloatArray:
        """The states after an endless run of `first` (columns,)."""
        step = self._matrix[:, BLOCK:, BLOCK:]
        driven = self._matrix[:, BLOCK:, :BLOCK].sum(axis=2)
        rest = np.linalg.solve(np.eye(step.shape[1]) - step, driven[:, :, None])
        states: FloatArray = rest * first
        return states


def spread(rows: FloatArray) -> FloatArray:
    """(k,) variance of the columns of (n, k), as `numpy.var` has it at a third of its cost on so few rows."""
    apart = rows - np.add.reduce(rows, axis=0) / len(rows)
    variance: FloatArray = np.add.reduce(apart * apart, axis=0) / len(rows)
    return variance


def _block_matrix(sections: Sequence[Section]) -> FloatArray:
    """(BLOCK + states, same): from inputs and states to outputs and next states."""
    size = BLOCK + 2 * len(sections)
    state = np.eye(size)[BLOCK:]
    outputs = np.empty((BLOCK, size))
    for row in range(BLOCK):
        x = np.eye(size)[row]
        for k, section in enumerate(sections):  # transposed direct form 2
            y = section.b[0] * x + state[2 * k]
            state[2 * k] = section.b[1] * x - section.a[0] * y + state[2 * k + 1]
            state[2 * k + 1] = section.b[2] * x - section.a[1] * y
            x = y
        outputs[row] = x
    return np.concatenate([outputs, state])
