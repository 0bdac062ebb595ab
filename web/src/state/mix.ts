/** A mix that is asked with: what is sent, what is heard, what is drawn. */

import { integratedLoudness } from "../music/loudness.ts";
import { outlineOf, type Peak } from "../music/peaks.ts";
import { channelsOf, decodeSound, monoOf, UnplayableError } from "../sound/decode.ts";
import { searchBytes, searchFile } from "../sound/render.ts";

const OUTLINE_POINTS = 1600;
/** More of it tells little about its loudness, and takes time. */
const HEARD_SECONDS = 60;
/** Smaller files are sent as they are. */
const LARGE_BYTES = 16_000_000;
/** What is made of a large file is worth it only if it is this much smaller. */
const SAVED = 2;

export interface Mix {
  readonly name: string;
  /** The file that the service is asked with. */
  readonly file: Blob;
  /** Null where the browser cannot play the file; the service may still read it. */
  readonly sound: AudioBuffer | null;
  readonly outline: readonly Peak[];
  /** Loudness of its mono mixdown in LUFS. */
  readonly loudness: number | null;
}

/** The mix in a file; one that the browser cannot play has no sound. */
export async function openMix(file: File): Promise<Mix> {
  try {
    return describeMix(file.name, file, await decodeSound(await file.arrayBuffer(), file.name));
  } catch (error) {
    if (error instanceof UnplayableError) return { name: file.name, file, sound: null, outline: [], loudness: null };
    throw error;
  }
}

export function describeMix(name: string, file: Blob, sound: AudioBuffer): Mix {
  const loudness = integratedLoudness([monoOf(sound, HEARD_SECONDS)], sound.sampleRate);
  return { name, file, sound, outline: outlineOf(channelsOf(sound), OUTLINE_POINTS), loudness };
}

/** What is sent of a mix: of a large WAV the service hears no more than of its search file. */
export async function fileToSend({ file, sound }: Mix): Promise<Blob> {
  const isLarge = sound !== null && file.size > LARGE_BYTES && file.size > SAVED * searchBytes(sound);
  return isLarge ? searchFile(sound) : file;
}
