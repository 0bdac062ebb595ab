/** Sounds and outlines of stems, fetched once; sounds are kept as long as there is room. */

import type { Match, PeaksAnswer, Stem } from "../api/answers.ts";
import type { Client } from "../api/client.ts";
import { integratedLoudness, matchingGain, peakOf } from "../music/loudness.ts";
import type { Placed } from "../music/placement.ts";
import { turnSeconds } from "../music/turns.ts";
import { channelsOf, decodeSound, monoOf } from "../sound/decode.ts";
import { layOnMix } from "../sound/lay.ts";
import { isUnchanged, stretchSound, type Change } from "../sound/stretch.ts";
import type { Mix } from "./mix.ts";
import { Prefetch } from "./prefetch.ts";
import { Shelf } from "./shelf.ts";

/** Of decoded sound: two stems of four minutes in stereo, or dozens of loops. */
const ROOM_BYTES = 200_000_000;

export interface LaidStem {
  readonly sound: AudioBuffer;
  /** Makes it as loud as the mix. */
  readonly gain: number;
}

export class StemSounds {
  readonly #client: Client;
  /** Fetches the sound of a stem that is pointed at. */
  readonly ahead = new Prefetch<Stem>((stem) => this.#sounds.have(stem.id, () => this.#fetch(stem)));
  readonly #sounds = new Shelf<AudioBuffer>(ROOM_BYTES, bytesOf);
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

  /** Whether its sound is at hand, or on its way. */
  has(stem: Stem): boolean {
    return this.#sounds.has(stem.id);
  }

  /** The stem of a match on the timeline of `mix`, changed and made as loud; given up where `signal` is aborted. */
  async lay(match: Match, mix: Mix, change: Change, signal?: AbortSignal): Promise<LaidStem> {
    const original = await this.#original(match.stem, signal);
    signal?.throwIfAborted();
    const sound = isUnchanged(change) ? original : await this.#changed(match.stem, original, change);
    signal?.throwIfAborted();
    const loudness = match.stem.loudness ?? integratedLoudness([monoOf(original, 60)], original.sampleRate);
    const mixSeconds = mix.sound?.duration ?? 0;
    const turn = turnSeconds(match.stem, change.rate, mixSeconds, original.duration);
    return {
      sound: layOnMix(sound, placedBy(match, change.rate), mixSeconds, turn),
      gain: matchingGain(loudness, mix.loudness, peakOf(channelsOf(sound))),
    };
  }

  /** Two may wait for one sound: where the other gave it up, it is fetched anew. */
  async #original(stem: Stem, signal?: AbortSignal): Promise<AudioBuffer> {
    for (;;) {
      try {
        return await this.#sounds.use(stem.id, () => this.#fetch(stem, signal));
      } catch (error) {
        const gaveUp = error instanceof DOMException && error.name === "AbortError";
        if (!gaveUp || signal?.aborted) throw error;
      }
    }
  }

  #changed(stem: Stem, original: AudioBuffer, change: Change): Promise<AudioBuffer> {
    return this.#sounds.use(`${stem.id} ${change.rate} ${change.semitones}`, () => stretchSound(original, change));
  }

  async #fetch(stem: Stem, signal?: AbortSignal): Promise<AudioBuffer> {
    const bytes = await this.#client.sound(stem.audio_url, signal);
    signal?.throwIfAborted();
    return decodeSound(bytes, stem.path.split("/").at(-1) ?? stem.path);
  }
}

export function placedBy(match: Match, rate: number): Placed {
  return { mixStart: match.placement.mix_start, stemStart: match.placement.stem_start, rate };
}

function bytesOf(sound: AudioBuffer): number {
  return sound.length * sound.numberOfChannels * Float32Array.BYTES_PER_ELEMENT;
}
