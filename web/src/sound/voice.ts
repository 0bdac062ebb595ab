/** One sound that plays: a source that fades in and out, so that switching does not click. */

import type { Span } from "../music/placement.ts";

const FADE_SECONDS = 0.012;

export class Voice {
  readonly #source: AudioBufferSourceNode;
  readonly #fade: GainNode;
  readonly #gain: number;

  /** Plays `sound` from second `offset` on at the context's time `when`, at a gain of its own: another may fade out. */
  constructor(sound: AudioBuffer, output: AudioNode, when: number, offset: number, loop: Span | null, gain = 1) {
    const { context } = output;
    this.#gain = gain;
    this.#fade = new GainNode(context, { gain: 0 });
    this.#fade.gain.setValueAtTime(0, when);
    this.#fade.gain.linearRampToValueAtTime(gain, when + FADE_SECONDS);
    this.#source = new AudioBufferSourceNode(context, { buffer: sound });
    if (loop !== null) {
      this.#source.loop = true;
      this.#source.loopStart = loop.start;
      this.#source.loopEnd = loop.end;
    }
    this.#source.connect(this.#fade).connect(output);
    this.#source.start(when, offset);
  }

  /** Fades out at the context's time `when`. */
  stop(when: number): void {
    const gain = this.#fade.gain;
    gain.cancelScheduledValues(when);
    gain.setValueAtTime(this.#gain, when);
    gain.linearRampToValueAtTime(0, when + FADE_SECONDS);
    this.#source.stop(when + FADE_SECONDS);
    this.#source.onended = () => this.#fade.disconnect();
  }
}
