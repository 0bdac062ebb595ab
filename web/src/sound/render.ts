/** A stem taken into the mix for good. */

import { peakOf } from "../music/loudness.ts";
import { encodeWav } from "../music/wav.ts";
import { channelsOf } from "./decode.ts";

/** The service listens at 16 kHz in mono: more would only be a larger upload. */
const SEARCH_RATE = 32_000;
const FULL = 0.98;

export interface Track {
  readonly sound: AudioBuffer;
  readonly gain: number;
}

/** All tracks together from second 0, as long as the longest; turned down if it would clip. */
export async function mixTracks(tracks: readonly Track[]): Promise<AudioBuffer> {
  const sounds = tracks.map((track) => track.sound);
  const rate = sounds[0]?.sampleRate ?? SEARCH_RATE;
  const channels = Math.min(2, Math.max(...sounds.map((sound) => sound.numberOfChannels)));
  const mixed = await render(tracks, channels, Math.max(...sounds.map((sound) => sound.length)), rate);
  const peak = peakOf(channelsOf(mixed));
  if (peak > FULL) for (const channel of channelsOf(mixed)) scale(channel, FULL / peak);
  return mixed;
}

/** Bytes of its search file: 16 bits a sample. */
export function searchBytes(sound: AudioBuffer): number {
  return 2 * SEARCH_RATE * sound.duration;
}

/** A file to search with: one channel, small. */
export async function searchFile(sound: AudioBuffer): Promise<Blob> {
  const frames = Math.ceil(sound.duration * SEARCH_RATE);
  const mono = await render([{ sound, gain: 1 }], 1, frames, SEARCH_RATE);
  return wavOf(mono);
}

export function wavOf(sound: AudioBuffer): Blob {
  return new Blob([encodeWav(channelsOf(sound), sound.sampleRate)], { type: "audio/wav" });
}

function render(tracks: readonly Track[], channels: number, frames: number, rate: number): Promise<AudioBuffer> {
  const context = new OfflineAudioContext(channels, frames, rate);
  for (const { sound, gain } of tracks) {
    const source = new AudioBufferSourceNode(context, { buffer: sound });
    source.connect(new GainNode(context, { gain })).connect(context.destination);
    source.start(0);
  }
  return context.startRendering();
}

function scale(samples: Float32Array, factor: number): void {
  for (let index = 0; index < samples.length; index++) samples[index] = (samples[index] ?? 0) * factor;
}
