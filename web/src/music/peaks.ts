/** Outlines of sounds, for drawing. */

export type Peak = readonly [lowest: number, highest: number];

/** Lowest and highest sample, over all channels, of `points` equal stretches. */
export function outlineOf(channels: readonly Float32Array[], points: number): Peak[] {
  const frames = channels[0]?.length ?? 0;
  return Array.from({ length: points }, (_, point) => {
    const first = Math.floor((point * frames) / points);
    const end = Math.max(first + 1, Math.floor(((point + 1) * frames) / points));
    return extremes(channels, first, Math.min(end, frames));
  });
}

function extremes(channels: readonly Float32Array[], first: number, end: number): Peak {
  let lowest = 0;
  let highest = 0;
  for (const channel of channels) {
    for (let index = first; index < end; index++) {
      const sample = channel[index] ?? 0;
      if (sample < lowest) lowest = sample;
      else if (sample > highest) highest = sample;
    }
  }
  return [lowest, highest];
}
