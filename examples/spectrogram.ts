/** The spectrogram of a made-up sound: two tones, one that rises and one that stays, found again in its frames. */
import plt, { matplotlib } from "@flambeau/pyplot";
import torch, { type Tensor } from "flambeau";

matplotlib.use("Agg");

const rate = 8000;
const seconds = 2;
const time = torch.arange(rate * seconds, { dtype: torch.float64 }).div(rate);

/** A tone whose frequency goes evenly from one to another: its phase is the integral of the frequency. */
function chirp(from: number, to: number): Tensor {
  const slope = (to - from) / seconds;
  return time
    .mul(from)
    .add(time.square().mul(slope / 2))
    .mul(2 * Math.PI)
    .sin();
}

const hum = time
  .mul(2 * Math.PI * 3000)
  .sin()
  .mul(0.2);
const sound = chirp(500, 2500).add(hum);

const frame = 256;
const hop = 64;
const window = torch.hannWindow(frame, { dtype: torch.float64 });
const spectrum = torch.stft(sound, frame, hop, frame, window, { returnComplex: true });
const loudness = spectrum.abs();
console.log(`${loudness.shape[0]} frequencies in ${loudness.shape[1]} frames`);

// What is loudest in a frame is the rising tone, at the nearest of the frequencies.
const frequencies = torch.fft.rfftfreq(frame, 1 / rate, { dtype: torch.float64 });
for (const at of [0.25, 0.5, 1, 1.5, 1.75]) {
  const loudest = loudness
    .select(1, Math.floor((at * rate) / hop))
    .argmax()
    .item();
  console.log(`at ${at} s: ${frequencies.at(loudest).item()} Hz`);
}

// The hum is taken away where it is alone, and the rest put together again.
const quiet = spectrum.mul(frequencies.lt(2750).unsqueeze(1));
const cleaned = torch.istft(quiet, frame, hop, frame, window, { length: sound.length });
const middle = (x: Tensor) => x.narrow(0, frame, x.length - 2 * frame);
const rest = (x: Tensor) =>
  middle(x.sub(chirp(500, 2500)))
    .square()
    .mean()
    .sqrt()
    .item();
console.log(`beside the rising tone: ${rest(sound).toFixed(4)}, cleaned: ${rest(cleaned).toFixed(4)}`);

const decibels = loudness.clamp(1e-3).log10().mul(20);
const figure = plt.figure({ figsize: [7, 3.5] });
const axes = figure.addSubplot(1, 1, 1);
const image = axes.imshow(decibels, { origin: "lower", aspect: "auto", extent: [0, seconds, 0, rate / 2] });
axes.setXlabel("seconds");
axes.setYlabel("Hz");
axes.setTitle("Two tones");
figure.colorbar(image, { ax: axes, label: "dB" });
plt.show();
