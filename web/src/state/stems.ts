/** Sounds and outlines of stems, fetched once; a few sounds are kept. */

import type { Match, PeaksAnswer, Stem } from "../api/answers.ts";
import type { Client } from "../api/client.ts";
import { integratedLoudness, matchingGain, peakOf } from "../music/loudness.ts";
import type { Placed } from "../music/placement.ts";
import { turnSeconds } from "../music/turns.ts";
import { channelsOf, decodeSound, monoOf } from "../sound/decode.ts";
import { layOnMix } from "../sound/lay.ts";
import { isUnchanged, stretchSound, type Change } from "../sound/stretch.ts";
import type { Mix } from "./mix.ts";

const KEPT_SOUNDS = 12;

export interface LaidStem {
  readonly sound: AudioBuffer;
  /** Makes it as loud as the mix. */
  readonly gain: number;
}

export class StemSounds {
  readonly #client: Client;
  readonly #sounds = new Map<string, Promise<AudioBuffer>>();
  readonly #outlines = new Map<string, Promise<PeaksAnswer>>();

  constructor(client: Client) {
    this.#client = client;
  }

  outline(stem: Stem): Promise<PeaksAnswer> {
    const known = this.#outlines.get(stem.id) ?? this.#client.peaks(stem.peaks_url);
    this.#outlines.set(stem.id, known);
    known.catch(() => this.#outlines.delete(stem.id));
    return known;
  }

  /** The stem of a match on the timeline of `mix`, changed and made as loud. */
  async lay(match: Match, mix: Mix, change: Change): Promise<LaidStem> {
    const original = await this.#sound(match.stem, { rate: 1, semitones: 0 });
    const sound = isUnchanged(change) ? original : await this.#sound(match.stem, change);
    const loudness = match.stem.loudness ?? integratedLoudness([monoOf(original, 60)], original.sampleRate);
    const mixSeconds = mix.sound?.duration ?? 0;
    const turn = turnSeconds(match.stem, change.rate, mixSeconds, original.duration);
    return {
      sound: layOnMix(sound, placedBy(match, change.rate), mixSeconds, turn),
      gain: matchingGain(loudness, mix.loudness, peakOf(channelsOf(sound))),
    };
  }

  /** Have it at hand before it is asked for. */
  prefetch(stem: Stem): void {
    this.#sound(stem, { rate: 1, semitones: 0 }).catch(() => undefined);
  }

  #sound(stem: Stem, change: Change): Promise<AudioBuffer> {
    const name = `${stem.id} ${change.rate} ${change.semitones}`;
    const known = this.#sounds.get(name) ?? this.#make(stem, change);
    this.#sounds.delete(name);
    this.#sounds.set(name, known);
    known.catch(() => this.#sounds.delete(name));
    for (const oldest of [...this.#sounds.keys()].slice(0, -KEPT_SOUNDS)) this.#sounds.delete(oldest);
    return known;
  }

  async #make(stem: Stem, change: Change): Promise<AudioBuffer> {
    if (!isUnchanged(change)) return stretchSound(await this.#sound(stem, { rate: 1, semitones: 0 }), change);
    return decodeSound(await this.#client.sound(stem.audio_url), stem.path.split("/").at(-1) ?? stem.path);
  }
}

export function placedBy(match: Match, rate: number): Placed {
  return { mixStart: match.placement.mix_start, stemStart: match.placement.stem_start, rate };
}
