"""Fourier transforms: torch.fft, stft and istft."""

from table import *

family("fourier")

C64, C128 = torch.complex64, torch.complex128
COMPLEX = [C64, C128]


def waves(shape, dtype=C128, seed=0):
    """Complex numbers whose parts are multiples of 1/256."""
    part = f64 if dtype == C128 else f32
    return torch.complex(tensor(shape, part, seed=seed), tensor(shape, part, seed=seed + 50))


NORMS = ("backward", "forward", "ortho")
LENGTHS = (1, 2, 3, 4, 5, 7, 8, 12, 17, 30, 31, 37, 64, 100)


def of(make, more=()):
    """Calls of a transform along one dim, of what `make` makes."""
    calls = [call(make(n)) for n in LENGTHS[1:]]
    calls += [call(make((3, 4)), n) for n in (1, 2, 3, 4, 5, 8)]
    calls += [call(make((3, 4, 2)), None, d) for d in (0, 1, -1, -3)]
    calls += [call(make((3, 4)), 5, 0), call(make((3, 4)), 2, -2), call(make((0, 4))), call(make((3, 0)), 4)]
    calls += [call(make((3, 4)), norm=norm) for norm in NORMS] + [call(make((2, 3)), 4, 0, norm="ortho")]
    calls += [call(make((4, 3)).t()), call(make((3, 9))[:, 1::2]), call(make((3, 1)).expand(3, 4), None, 0)]
    calls += [call(make((3, 4)), 0), call(make((3, 4)), -2), call(make((3, 4)), 4, 2), call(make((3, 0)))]
    calls += [call(make((3, 4)), norm="other"), call(make(()), None)]
    return calls + list(more)


def over(make, two):
    """Calls of a transform along two dims, or any."""
    calls = [call(make((3, 4))), call(make((2, 3, 4))), call(make((5, 7))), call(make((8, 6)))]
    calls += [call(make((3, 4)), s) for s in ((2, 3), (4, 5), (3, -1), (6, 1))]
    calls += [call(make((2, 3, 4)), None, d) for d in ((0, 1), (0, 2), (-1, 0), (1, -1), (2, 1, 0))]
    calls += [call(make((2, 3, 4)), (3, 2), (0, 1)), call(make((2, 3, 4)), None, (1,)), call(make((2, 3)), None, 0)]
    calls += [call(make((3, 4)), norm=norm) for norm in NORMS] + [call(make((3, 4)), (2, 5), norm="ortho")]
    calls += [call(make((0, 3, 4)), None, (1, 2)), call(make((4, 3)).t()), call(make((3, 4, 2)).permute(2, 0, 1))]
    calls += [call(make((3, 4)), (2, 2), (0,)), call(make((3, 4)), None, (0, 0)), call(make((3, 4)), (2, 0))]
    calls += [call(make((3, 4)), (2, -2)), call(make((3, 4)), None, (0, 3)), call(make((3, 4)), (1, 2, 3))]
    calls += [call(make((3, 4)), norm="other")]
    return calls if two else calls + [call(make(4)), call(make((2, 3, 4)), 5), call(make((2, 2, 3, 2)))]


def real(shape, seed=0):
    return tensor(shape, f64, seed=seed)


def real32(shape, seed=0):
    return tensor(shape, f32, seed=seed)


dtypes = [call(tensor((3, 4), d)) for d in ALL]
sizes = [call(large(n, f64)) for n in (1000, 1009, 1024)] + [call(large(96))] + [call(large((20, 128)), None, 0)]
complex_dtypes = [call(waves((3, 4), d)) for d in COMPLEX] + [call(real((3, 4))), call(real32((3, 4)))]

define("fft ifft", of(waves, complex_dtypes + dtypes + sizes), space="fft", vary=False)
define("rfft ihfft", of(real, dtypes + sizes + [call(waves((3, 4)))]), space="fft", vary=False)
define("irfft hfft", of(waves, complex_dtypes + dtypes + sizes), space="fft", vary=False)
define("fft2 ifft2", over(waves, True) + complex_dtypes + dtypes[:8], space="fft", vary=False)
define("rfft2 ihfft2", over(real, True) + dtypes[:8] + [call(waves((3, 4)))], space="fft", vary=False)
define("irfft2 hfft2", over(waves, True) + complex_dtypes + dtypes[:8], space="fft", vary=False)
define("fftn ifftn", over(waves, False) + complex_dtypes + dtypes[:8], space="fft", vary=False)
define("rfftn ihfftn", over(real, False) + dtypes[:8] + [call(waves((3, 4)))], space="fft", vary=False)
define("irfftn hfftn", over(waves, False) + complex_dtypes + dtypes[:8], space="fft", vary=False)

none = [call(torch.tensor(1.5), s, d) for s in (None, (2,)) for d in ((0,), (-1,))]
define("fft2 rfft2 irfft2 ihfft2 fftn rfftn irfftn hfftn ihfftn", [call(real((3, 4))), *none], space="fft", vary=False)

lengths = [call(n) for n in (0, 1, 2, 3, 4, 5, 8, 9)] + [call(n, 0.25) for n in (3, 4)] + [call(6, 2, dtype=f64)]
define("fftfreq rfftfreq", lengths + [call(4, dtype=i64), call(2.5)], space="fft", grad=False, vary=False)
define("fftfreq", [call(3), call(-1)], space="fft", grad=False, vary=False)
shifts = [call(x) for x in layouts(f64) if x.dim() > 0] + [call(x, 0) for x in layouts(f64) if x.dim() > 0]
shifts += [call(tensor((3, 4), d)) for d in ALL] + [call(waves((3, 4), d)) for d in COMPLEX]
shifts += [call(real((2, 3, 4)), d) for d in (-1, (0, 2), (1, -1), (0, 0))] + [call(real((3, 4)), 3)]
define("fftshift ifftshift", shifts, space="fft")

window = tensor(8, f64, 0.25, 1.0)
signals = [call(x, 8, return_complex=True) for x in (real(40), real((2, 40)), real32(40), real((3, 9)))]
signals += [call(real(40), 8, hop, return_complex=True) for hop in (1, 3, 8, 11)]
signals += [call(real(40), n, return_complex=True) for n in (5, 7, 16, 37)]
signals += [call(real(40), 8, 3, win, return_complex=True) for win in (4, 5, 8)]
signals += [call(real(40), 8, 3, 8, window, return_complex=True), call(real(40), 11, 3, 8, window, return_complex=True)]
signals += [call(real32(40), 8, window=window, return_complex=True)]
signals += [call(real((2, 40)), 8, 3, 8, window, center=False, return_complex=True)]
signals += [call(real(40), 8, pad_mode=mode, return_complex=True) for mode in ("constant", "replicate", "circular")]
signals += [call(real(40), 8, normalized=True, return_complex=True), call(real(40), 8, onesided=False, return_complex=True)]
signals += [call(real((2, 40)), 8, 2, return_complex=False), call(real(40), 8, onesided=False, return_complex=False)]
signals += [call(waves(40), 8, center=False), call(waves((2, 40)), 8, 3, 8, window, center=False, normalized=True)]
signals += [call(real(40), 8, 3, 8, waves(8), return_complex=True), call(waves(40), 8, onesided=True)]
signals += [call(real((1, 2, 40)), 8, return_complex=True), call(tensor(40, i64), 8, center=False, return_complex=True)]
signals += [call(real(40), n, center=False, return_complex=True) for n in (0, -3, 50)]
signals += [call(real(40), 8, hop, return_complex=True) for hop in (0, -1)]
signals += [call(real(40), 8, 3, win, return_complex=True) for win in (0, 9)]
signals += [call(real(40), 8, 3, 6, window, return_complex=True), call(real(40), 100, return_complex=True)]
signals += [call(waves(40, C64), 8, onesided=False, return_complex=True)]
define("stft", signals, vary=False)
define("stft", [call(waves(40), 8), call(waves((2, 40)), 8, return_complex=False)], grad=False, vary=False)

spectra = [waves((5, 21)), waves((2, 5, 21)), waves((2, 5, 6), C64)]
inverse = [call(x, 8) for x in spectra] + [call(x, 8, 2, 8, window) for x in spectra]
inverse += [call(spectra[1], 8, 3, 8, window), call(spectra[1], 9), call(spectra[1], 8, 2, 6), call(spectra[1], 8, 2, 5)]
inverse += [call(spectra[1], 8, 2, 8, window, center=False), call(spectra[1], 8, normalized=True)]
inverse += [call(spectra[1], 8, length=n) for n in (40, 30, 5, 50)]
inverse += [call(waves((2, 8, 6)), 8, onesided=False), call(waves((2, 8, 6)), 8), call(waves((2, 7, 6)), 7)]
inverse += [call(waves((2, 8, 6)), 8, onesided=False, return_complex=True)]
inverse += [call(waves((2, 8, 6)), 8, 2, 8, waves(8), onesided=False, return_complex=True)]
inverse += [call(spectra[1], 8, 2, 8, waves(8)), call(spectra[1], 8, return_complex=True), call(spectra[1], 10)]
inverse += [call(spectra[1], 8, onesided=False), call(spectra[1], 8, 0), call(spectra[1], 8, 9), call(spectra[1], 8, 2, 0)]
inverse += [call(spectra[1], 8, 2, 9), call(spectra[1], 8, 2, 4, window), call(waves((5, 0)), 8), call(waves((2, 2, 5, 3)), 8)]
inverse += [call(spectra[1], 8, 2, 8, torch.zeros(8, dtype=f64))]
define("istft", inverse, vary=False)
