/** Time-stretch and pitch-shift: signalsmith-stretch's AudioWorklet, run ahead of playing in an OfflineAudioContext.
 *
 * Rendered ahead, a stretched stem is as sample-accurate to place, loop and export as any other.
 */

import moduleUrl from "signalsmith-stretch?url";

/** Rendered before the sound begins and cut off again: the stretcher's own delay has passed by then. */
const LEAD_SECONDS = 0.5;

export interface Change {
  /** Seconds of the input that pass in one second of the output. */
  readonly rate: number;
  readonly semitones: number;
}

export function isUnchanged({ rate, semitones }: Change): boolean {
  return rate === 1 && semitones === 0;
}

export async function stretchSound(sound: AudioBuffer, change: Change): Promise<AudioBuffer> {
  const { numberOfChannels, sampleRate } = sound;
  const lead = Math.round(LEAD_SECONDS * sampleRate);
  const frames = Math.ceil(sound.length / change.rate);
  const context = new OfflineAudioContext(numberOfChannels, lead + frames, sampleRate);
  const node = await createNode(context, numberOfChannels);
  await node.addBuffers(Array.from({ length: numberOfChannels }, (_, channel) => sound.getChannelData(channel).slice()));
  await node.schedule({ output: 0, active: true, input: -LEAD_SECONDS * change.rate, ...change });
  node.connect(context.destination);
  return cutLead(await context.startRendering(), lead);
}

async function createNode(context: OfflineAudioContext, channels: number): Promise<StretchNode> {
  // The worklet and the page load the same file; the package would make a blob: of it, which our policy forbids.
  const url = new URL(moduleUrl, document.baseURI).href;
  const { default: createStretch } = (await import(/* @vite-ignore */ url)) as StretchModule;
  createStretch.moduleUrl = url;
  return createStretch(context, { numberOfInputs: 1, numberOfOutputs: 1, outputChannelCount: [channels] });
}

function cutLead(rendered: AudioBuffer, lead: number): AudioBuffer {
  const { numberOfChannels, sampleRate } = rendered;
  const cut = new AudioBuffer({ numberOfChannels, sampleRate, length: rendered.length - lead });
  for (let channel = 0; channel < numberOfChannels; channel++) {
    cut.copyToChannel(rendered.getChannelData(channel).subarray(lead), channel);
  }
  return cut;
}
