/** A stem laid on the mix's timeline: a sound as long as the mix, with silence where the stem does not play.
 *
 * Both then start, stop, seek and loop at the same second, and cannot drift apart.
 */

import { stemOrigin, type Placed } from "../music/placement.ts";
import { addTurn, turnStarts } from "../music/turns.ts";

/** As short as it can be without a click: what is cut off may be the middle of a note. */
const FADE_SECONDS = 0.005;

/** `stem` is already stretched by `placed.rate`; a `turn`, in its seconds before that, lays it again and again. */
export function layOnMix(stem: AudioBuffer, placed: Placed, mixSeconds: number, turn: number | null): AudioBuffer {
  const { numberOfChannels, sampleRate } = stem;
  const length = Math.max(1, Math.round(mixSeconds * sampleRate));
  const laid = new AudioBuffer({ numberOfChannels, sampleRate, length });
  const origin = Math.round(stemOrigin(placed) * sampleRate);
  const every = turn === null ? stem.length : (turn / placed.rate) * sampleRate;
  // Stretching rounds to a sample: turns that are as long as the sound follow each other without a seam.
  const isSeamless = Math.abs(every - stem.length) <= 1;
  const most = isSeamless ? stem.length : every;
  const fade = isSeamless ? 0 : Math.round(FADE_SECONDS * sampleRate);
  const starts = turn === null ? [origin] : turnStarts(origin, most, length);
  for (let channel = 0; channel < numberOfChannels; channel++) {
    const samples = laid.getChannelData(channel);
    for (const start of starts) addTurn(samples, stem.getChannelData(channel), start, most, fade);
  }
  return laid;
}
