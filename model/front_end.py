"""Front ends: a waveform [B, T] becomes a log image [B, M, N], inside the network so that nothing can drift.

Spectra are taken by FFT while training, and by the same sums written as convolutions where a graph is
exported (`Spectrum.make_exportable`): ONNX Runtime's STFT operator is ten times slower than a convolution.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from audio.decode import SAMPLE_RATE
from model.config_sections import FrontEndConfig

TAPS_PER_PHASE = 16  # of the low-pass before decimation
LEVEL = 0.1  # root mean square that every waveform is brought to
QUIETEST = 1e-4  # below this level a waveform is left as quiet as it is


def build_front_end(config: FrontEndConfig) -> "LogMel | LogFrequency":
    """The front end that `config` describes."""
    return LogMel(config) if config.kind == "log_mel" else LogFrequency(config)


class Spectrum(nn.Module):
    """Power spectrum of Hann-windowed frames: [B, T] → [B, bins, N], frame n centred on (n + ½) hops."""

    window: Tensor
    kernels: Tensor | None = None  # sines and cosines, only while a graph is exported

    def __init__(self, size: int, hop: int, first_bin: int, last_bin: int) -> None:
        super().__init__()
        self.size, self.hop = size, hop
        self.first_bin, self.last_bin = first_bin, last_bin
        self.register_buffer("window", torch.hann_window(size), persistent=False)

    def forward(self, waveform: Tensor) -> Tensor:
        margin = (self.size - self.hop) // 2
        padded = functional.pad(waveform, (margin, self.size - self.hop - margin))
        if self.kernels is not None:
            parts = functional.conv1d(padded[:, None, :], self.kernels, stride=self.hop)
            real, imaginary = parts.chunk(2, dim=1)
            return real**2 + imaginary**2
        frames = padded.unfold(-1, self.size, self.hop) * self.window
        spectrum = torch.fft.rfft(frames)[..., self.first_bin : self.last_bin]
        return torch.view_as_real(spectrum).square().sum(dim=-1).transpose(1, 2)

    def make_exportable(self, *, exportable: bool) -> None:
        """Switch between the FFT and the same sums as a convolution, which exports to a fast operator."""
        if not exportable:
            self.kernels = None
            return
        bins = torch.arange(self.first_bin, self.last_bin, dtype=torch.float64)
        time = torch.arange(self.size, dtype=torch.float64)
        angle = 2 * math.pi / self.size * bins[:, None] * time[None, :]
        kernels = torch.cat([torch.cos(angle), torch.sin(angle)]) * self.window.double()
        self.kernels = kernels.float()[:, None, :]


class LogMel(nn.Module):
    """Natural log of a mel spectrogram (Stem-JEPA, section 4.1): n_fft 400 samples, HTK mel scale."""

    bank: Tensor
    size = 400

    def __init__(self, config: FrontEndConfig) -> None:
        super().__init__()
        self.mean, self.deviation = config.mean, config.deviation
        self.spectrum = Spectrum(self.size, config.hop_samples, 0, self.size // 2 + 1)
        edges = torch.linspace(_mel(config.lowest_hz), _mel(config.highest_hz), config.bins + 2)
        centres = 700 * (10 ** (edges / 2595) - 1)
        self.register_buffer(
            "bank", _triangles(centres, _bin_hz(self.size, 0, self.size // 2 + 1)), persistent=False
        )

    def forward(self, waveform: Tensor) -> Tensor:
        return self.image(self.power(waveform))

    def power(self, waveform: Tensor) -> Tensor:
        """Power in each band: [B, T] → [B, M, N]."""
        bands: Tensor = self.bank @ self.spectrum(waveform)
        return bands

    def gain(self, mean_square: Tensor) -> Tensor:
        """What the power of a waveform with this mean square is multiplied by: 1, for levels are kept."""
        return torch.ones_like(mean_square)

    def image(self, power: Tensor) -> Tensor:
        """The log image of powers [B, M, N]."""
        return (torch.log(power + 1.19e-7) - self.mean) / self.deviation


class LogFrequency(nn.Module):
    """Log image with bins at equal musical distances, so that a transposition is a shift.

    One FFT cannot be sharp in pitch for the bass and sharp in time for the drums: below `CROSSOVER_HZ`
    a long window looks at a decimated waveform, above it a short one at the waveform itself.
    Every waveform is first brought to one level, so that gain carries no information.
    """

    low_bank: Tensor
    high_bank: Tensor
    lowpass: Tensor

    CROSSOVER_HZ = 640.0
    DECIMATION = 5
    LOW_SIZE = 800  # at 3.2 kHz: a quarter of a second
    HIGH_SIZE = 1024  # at 16 kHz: 64 ms
    FLOOR = 1e-5  # of the power: about 50 dB below a steady tone at LEVEL

    def __init__(self, config: FrontEndConfig) -> None:
        super().__init__()
        self.mean, self.deviation = config.mean, config.deviation
        hz = config.lowest_hz * 2 ** (torch.arange(-1, config.bins + 1) / config.bins_per_octave)
        crossover = int((hz[1:-1] < self.CROSSOVER_HZ).sum())
        self.low = self._spectrum(self.LOW_SIZE, SAMPLE_RATE // self.DECIMATION, hz[: crossover + 2], config)
        self.high = self._spectrum(self.HIGH_SIZE, SAMPLE_RATE, hz[crossover:], config)
        self._add_bank("low_bank", self.low, hz[: crossover + 2], SAMPLE_RATE // self.DECIMATION)
        self._add_bank("high_bank", self.high, hz[crossover:], SAMPLE_RATE)
        self.register_buffer("lowpass", _lowpass(self.DECIMATION), persistent=False)

    def forward(self, waveform: Tensor) -> Tensor:
        return self.image(self.power(to_level(waveform)))

    def power(self, waveform: Tensor) -> Tensor:
        """Power in each bin, at the level that the waveform has: [B, T] → [B, M, N]."""
        margin = (self.lowpass.shape[-1] - self.DECIMATION) // 2
        low = functional.conv1d(
            functional.pad(waveform[:, None, :], (margin, self.lowpass.shape[-1] - self.DECIMATION - margin)),
            self.lowpass,
            stride=self.DECIMATION,
        )[:, 0]
        return torch.cat([self.low_bank @ self.low(low), self.high_bank @ self.high(waveform)], dim=1)

    def gain(self, mean_square: Tensor) -> Tensor:
        """What the power of a waveform with this mean square is multiplied by to bring it to one level."""
        return LEVEL**2 / torch.clamp(mean_square, min=QUIETEST**2)

    def image(self, power: Tensor) -> Tensor:
        """The log image of powers [B, M, N] of waveforms at one level."""
        return (torch.log(power + self.FLOOR) - self.mean) / self.deviation

    def _spectrum(self, size: int, rate: int, hz: Tensor, config: FrontEndConfig) -> Spectrum:
        first = max(int(hz[0] * size / rate) - 1, 0)
        last = min(math.ceil(float(hz[-1]) * size / rate) + 2, size // 2 + 1)
        return Spectrum(size, config.hop_samples * rate // SAMPLE_RATE, first, last)

    def _add_bank(self, name: str, spectrum: Spectrum, hz: Tensor, rate: int) -> None:
        bin_hz = _bin_hz(spectrum.size, spectrum.first_bin, spectrum.last_bin, rate)
        bank = _triangles(hz, bin_hz, narrowest=rate / spectrum.size)
        # Power of a full-scale tone becomes comparable between the two sizes.
        self.register_buffer(name, bank / spectrum.size, persistent=False)


def to_level(waveform: Tensor) -> Tensor:
    """Bring each waveform [B, T] to the same root mean square."""
    level = torch.sqrt(torch.mean(waveform**2, dim=-1, keepdim=True))
    return waveform * (LEVEL / torch.clamp(level, min=QUIETEST))


def _mel(hz: float) -> float:
    return 2595 * math.log10(1 + hz / 700)


def _bin_hz(size: int, first_bin: int, last_bin: int, rate: int = SAMPLE_RATE) -> Tensor:
    return torch.arange(first_bin, last_bin) * (rate / size)


def _triangles(centres: Tensor, bin_hz: Tensor, narrowest: float = 0.0) -> Tensor:
    """Triangular filters [len(centres) - 2, bins]; a side is at least `narrowest` Hz wide."""
    left, centre, right = centres[:-2, None], centres[1:-1, None], centres[2:, None]
    rising = 1 - (centre - bin_hz) / torch.clamp(centre - left, min=narrowest)
    falling = 1 - (bin_hz - centre) / torch.clamp(right - centre, min=narrowest)
    return torch.clamp(torch.minimum(rising, falling), min=0)


def _lowpass(decimation: int) -> Tensor:
    """Windowed-sinc filter [1, 1, taps] that keeps what lies below the decimated Nyquist frequency."""
    taps = decimation * TAPS_PER_PHASE + 1
    time = torch.arange(taps, dtype=torch.float64) - taps // 2
    kernel = torch.sinc(0.8 * time / decimation) * torch.hann_window(
        taps, periodic=False, dtype=torch.float64
    )
    return (kernel / kernel.sum()).float()[None, None, :]
