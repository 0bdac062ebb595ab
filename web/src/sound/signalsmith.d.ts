/** What we use of signalsmith-stretch, which publishes no types. */
declare module "signalsmith-stretch?url" {
  const url: string;
  export default url;
}

interface StretchNode extends AudioWorkletNode {
  addBuffers(channels: Float32Array[]): Promise<number>;
  schedule(change: {
    readonly output: number;
    readonly active: boolean;
    readonly input: number;
    readonly rate: number;
    readonly semitones: number;
  }): Promise<unknown>;
}

interface StretchModule {
  readonly default: {
    (context: BaseAudioContext, options: AudioWorkletNodeOptions): Promise<StretchNode>;
    moduleUrl?: string;
  };
}
