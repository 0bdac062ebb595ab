/** Loudness by ITU-R BS.1770-4, and the gain that makes two sounds equally loud. */

const BLOCK_SECONDS = 0.4;
const STEP_SECONDS = 0.1;
const ABSOLUTE_GATE = -70;
const RELATIVE_GATE = -10;
const LARGEST_GAIN_DB = 12;
const SMALLEST_GAIN_DB = -24;
/** Room for the peaks of what is soft but has loud ones, drums above all; full scale is 1. */
export const LARGEST_PEAK = 2;

interface Biquad {
  readonly b: readonly [number, number, number];
  readonly a: readonly [number, number];
}

/** Loudness in LUFS of channels [T] each; null where nothing is heard. */
export function integratedLoudness(channels: readonly Float32Array[], rate: number): number | null {
  const powers = blockPowers(channels, rate);
  const audible = powers.filter((power) => toLufs(power) > ABSOLUTE_GATE);
  if (audible.length === 0) return null;
  const gate = toLufs(mean(audible)) + RELATIVE_GATE;
  return toLufs(mean(audible.filter((power) => toLufs(power) > gate)));
}

/** Factor that brings a sound of loudness `from` to `to`, as far as its peak stays below the largest. */
export function matchingGain(from: number | null, to: number | null, peak: number): number {
  if (from === null || to === null) return 1;
  const decibels = Math.min(LARGEST_GAIN_DB, Math.max(SMALLEST_GAIN_DB, to - from));
  const gain = 10 ** (decibels / 20);
  return peak > 0 ? Math.min(gain, LARGEST_PEAK / peak) : gain;
}

/** Largest sample, without its sign. */
export function peakOf(channels: readonly Float32Array[]): number {
  let peak = 0;
  for (const channel of channels) for (const sample of channel) peak = Math.max(peak, Math.abs(sample));
  return peak;
}

/** Mean square of each block of 400 ms, one every 100 ms, summed over the channels. */
function blockPowers(channels: readonly Float32Array[], rate: number): number[] {
  const step = Math.round(STEP_SECONDS * rate);
  const steps = Math.floor((channels[0]?.length ?? 0) / step);
  const sums = new Float64Array(steps);
  for (const channel of channels) addStepEnergies(channel, rate, step, sums);
  const width = Math.round(BLOCK_SECONDS / STEP_SECONDS);
  const powers: number[] = [];
  for (let first = 0; first + width <= steps; first++) {
    powers.push(sums.slice(first, first + width).reduce((total, each) => total + each, 0) / (width * step));
  }
  return powers;
}

function addStepEnergies(channel: Float32Array, rate: number, step: number, sums: Float64Array): void {
  const shelf = createFilter(highShelf(rate));
  const highPass = createFilter(lowCut(rate));
  for (let index = 0; index < sums.length * step; index++) {
    const weighted = highPass(shelf(channel[index] ?? 0));
    const at = Math.floor(index / step);
    sums[at] = (sums[at] ?? 0) + weighted * weighted;
  }
}

function createFilter({ b, a }: Biquad): (sample: number) => number {
  let first = 0;
  let second = 0;
  return (sample) => {
    const out = b[0] * sample + first;
    first = b[1] * sample - a[0] * out + second;
    second = b[2] * sample - a[1] * out;
    return out;
  };
}

/** The standard's first filter for any rate, after its analogue form (+4 dB above about 1.7 kHz). */
function highShelf(rate: number): Biquad {
  const k = Math.tan((Math.PI * 1681.974450955533) / rate);
  const q = 0.7071752369554196;
  const high = 10 ** (3.999843853973347 / 20);
  const band = high ** 0.4996667741545416;
  const a0 = 1 + k / q + k * k;
  return {
    b: [(high + (band * k) / q + k * k) / a0, (2 * (k * k - high)) / a0, (high - (band * k) / q + k * k) / a0],
    a: [(2 * (k * k - 1)) / a0, (1 - k / q + k * k) / a0],
  };
}

/** The standard's second filter: a high pass at about 38 Hz. */
function lowCut(rate: number): Biquad {
  const k = Math.tan((Math.PI * 38.13547087602444) / rate);
  const q = 0.5003270373238773;
  const a0 = 1 + k / q + k * k;
  return { b: [1, -2, 1], a: [(2 * (k * k - 1)) / a0, (1 - k / q + k * k) / a0] };
}

function mean(values: readonly number[]): number {
  return values.reduce((total, each) => total + each, 0) / values.length;
}

function toLufs(power: number): number {
  return -0.691 + 10 * Math.log10(power + 1e-20);
}
