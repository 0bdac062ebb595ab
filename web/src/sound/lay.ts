/** A stem laid on the mix's timeline: a sound as long as the mix, with silence where the stem does not play.
 *
 * Both then start, stop, seek and loop at the same second, and cannot drift apart.
 */

import { stemOrigin, type Placed } from "../music/placement.ts";

/** `stem` is already stretched by `placed.rate`; `repeats` lays it end to end all along, as one does with a loop. */
export function layOnMix(stem: AudioBuffer, placed: Placed, mixSeconds: number, repeats: boolean): AudioBuffer {
  const { numberOfChannels, sampleRate } = stem;
  const length = Math.max(1, Math.round(mixSeconds * sampleRate));
  const laid = new AudioBuffer({ numberOfChannels, sampleRate, length });
  const origin = Math.round(stemOrigin(placed) * sampleRate);
  for (let channel = 0; channel < numberOfChannels; channel++) {
    const samples = stem.getChannelData(channel);
    for (const start of startsOf(origin, stem.length, length, repeats)) {
      const skipped = Math.max(0, -start);
      if (skipped < samples.length) laid.copyToChannel(samples.subarray(skipped), channel, Math.max(0, start));
    }
  }
  return laid;
}

function startsOf(origin: number, stemFrames: number, mixFrames: number, repeats: boolean): number[] {
  if (!repeats) return origin < mixFrames ? [origin] : [];
  const first = origin - Math.ceil(origin / stemFrames) * stemFrames;
  return Array.from({ length: Math.ceil((mixFrames - first) / stemFrames) }, (_, turn) => first + turn * stemFrames);
}
