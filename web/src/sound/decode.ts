/** Files to samples, all at one rate, so that seconds are the same everywhere. */

export const SAMPLE_RATE = 44_100;

export class UnplayableError extends Error {
  override readonly name = "UnplayableError";
}

/** The sound of a file.
 *
 * @throws UnplayableError The browser does not read the format.
 */
export async function decodeSound(bytes: ArrayBuffer, filename: string): Promise<AudioBuffer> {
  const context = new OfflineAudioContext(1, 1, SAMPLE_RATE);
  try {
    return await context.decodeAudioData(bytes);
  } catch {
    throw new UnplayableError(`This browser cannot play ${filename}. Use WAV, FLAC, MP3 or Ogg to hear it.`);
  }
}

export function channelsOf(buffer: AudioBuffer): Float32Array[] {
  return Array.from({ length: buffer.numberOfChannels }, (_, channel) => buffer.getChannelData(channel));
}

/** A copy in one channel, of `seconds` at most from the start. */
export function monoOf(buffer: AudioBuffer, seconds: number): Float32Array {
  const frames = Math.min(buffer.length, Math.round(seconds * buffer.sampleRate));
  const mono = new Float32Array(frames);
  for (const channel of channelsOf(buffer)) {
    for (let index = 0; index < frames; index++) {
      mono[index] = (mono[index] ?? 0) + (channel[index] ?? 0) / buffer.numberOfChannels;
    }
  }
  return mono;
}
