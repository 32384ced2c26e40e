"""python3 spectrogram.py"""
import math

import torch

rate, seconds = 8000, 2
time = torch.arange(rate * seconds, dtype=torch.float64) / rate


def chirp(start, end):
    slope = (end - start) / seconds
    return torch.sin(2 * math.pi * (time * start + time.square() * (slope / 2)))


sound = chirp(500, 2500) + 0.2 * torch.sin(time * (2 * math.pi * 3000))
frame, hop = 256, 64
window = torch.hann_window(frame, dtype=torch.float64)
spectrum = torch.stft(sound, frame, hop, frame, window, return_complex=True)
loudness = spectrum.abs()
print(f"{loudness.shape[0]} frequencies in {loudness.shape[1]} frames")
frequencies = torch.fft.rfftfreq(frame, 1 / rate, dtype=torch.float64)
for at in (0.25, 0.5, 1, 1.5, 1.75):
    loudest = loudness[:, int(at * rate / hop)].argmax()
    print(f"at {at} s: {frequencies[loudest].item():g} Hz")
quiet = spectrum * (frequencies < 2750)[:, None]
cleaned = torch.istft(quiet, frame, hop, frame, window, length=len(sound))
middle = lambda x: x[frame : len(x) - frame]
rest = lambda x: middle(x - chirp(500, 2500)).square().mean().sqrt().item()
print(f"beside the rising tone: {rest(sound):.4f}, cleaned: {rest(cleaned):.4f}")
