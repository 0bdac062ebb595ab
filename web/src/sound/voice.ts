/** One sound that plays: a source that fades in and out, so that switching does not click. */

import type { Span } from "../music/placement.ts";

const FADE_SECONDS = 0.012;

export class Voice {
  readonly #source: AudioBufferSourceNode;
  readonly #fade: GainNode;
  readonly #gain: number;
  readonly #begin: number;

  /** Plays `sound` from second `offset` on at the context's time `when`, at a gain of its own: another may fade out. */
  constructor(sound: AudioBuffer, output: AudioNode, when: number, offset: number, loop: Span | null, gain = 1) {
    const { context } = output;
    this.#gain = gain;
    this.#begin = when;
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

  /** Fades out at the context's time `when`, from as loud as it is by then; what has not begun never does. */
  stop(when: number): void {
    this.#source.onended = () => this.#fade.disconnect();
    if (when <= this.#begin) return this.#source.stop();
    const gain = this.#fade.gain;
    // Takes away a fade-in that is not over; it is drawn again, as far as it comes.
    gain.cancelScheduledValues(when);
    gain.linearRampToValueAtTime(this.#gain * Math.min(1, (when - this.#begin) / FADE_SECONDS), when);
    gain.linearRampToValueAtTime(0, when + FADE_SECONDS);
    this.#source.stop(when + FADE_SECONDS);
  }
}
