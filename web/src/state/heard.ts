/** Which mixes, and which regions of them, the service has heard: these need not be sent again. */

import type { Mix } from "./mix.ts";

interface Heard {
  readonly sha256: string;
  readonly regions: Set<string>;
}

export class HeardMixes {
  readonly #heard = new WeakMap<Mix, Heard>();

  /** The hash that asks about this region of `mix`; null where the file has to be sent. */
  hashOf(mix: Mix, region: string): string | null {
    const heard = this.#heard.get(mix);
    return heard?.regions.has(region) ? heard.sha256 : null;
  }

  note(mix: Mix, region: string, sha256: string): void {
    const heard = this.#heard.get(mix) ?? { sha256, regions: new Set() };
    heard.regions.add(region);
    this.#heard.set(mix, heard);
  }

  /** The service no longer knows it. */
  forget(mix: Mix): void {
    this.#heard.delete(mix);
  }
}
