/** WAV files of 16 bits. */

const HEADER_BYTES = 44;

/** The file's bytes; samples beyond full scale are clipped. */
export function encodeWav(channels: readonly Float32Array[], rate: number): ArrayBuffer {
  const frames = channels[0]?.length ?? 0;
  const dataBytes = frames * channels.length * 2;
  const bytes = new ArrayBuffer(HEADER_BYTES + dataBytes);
  const view = new DataView(bytes);
  writeHeader(view, channels.length, rate, dataBytes);
  let at = HEADER_BYTES;
  for (let frame = 0; frame < frames; frame++) {
    for (const channel of channels) {
      const sample = Math.min(1, Math.max(-1, channel[frame] ?? 0));
      view.setInt16(at, Math.round(sample * 32767), true);
      at += 2;
    }
  }
  return bytes;
}

function writeHeader(view: DataView, channels: number, rate: number, dataBytes: number): void {
  writeText(view, 0, "RIFF");
  view.setUint32(4, HEADER_BYTES - 8 + dataBytes, true);
  writeText(view, 8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * channels * 2, true);
  view.setUint16(32, channels * 2, true);
  view.setUint16(34, 16, true);
  writeText(view, 36, "data");
  view.setUint32(40, dataBytes, true);
}

function writeText(view: DataView, at: number, text: string): void {
  for (let index = 0; index < text.length; index++) view.setUint8(at + index, text.charCodeAt(index));
}
