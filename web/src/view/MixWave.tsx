import { useComputed } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import WaveSurfer from "wavesurfer.js";

import { formatSeconds } from "../music/time.ts";
import type { Listening } from "../state/listening.ts";
import type { Mix } from "../state/mix.ts";
import type { Session } from "../state/session.ts";
import { RegionLayer } from "./RegionLayer.tsx";

interface Props {
  readonly session: Session;
  readonly mix: Mix;
  readonly seconds: number;
}

/** The mix's waveform: a click seeks, a drag chooses the region that is asked about. */
export function MixWave({ session, mix, seconds }: Props) {
  const { listening, appearance } = session;
  const container = useRef<HTMLDivElement>(null);
  const repaint = appearance.colours.value;
  const now = useComputed(() => Math.floor(listening.position.value));
  useEffect(() => {
    if (container.current === null) return undefined;
    const drawing = drawMix(container.current, mix, seconds);
    return () => drawing.destroy();
  }, [mix, repaint]);
  return (
    <div
      class="mix-wave"
      role="slider"
      tabIndex={0}
      aria-label="Position in the mix"
      aria-valuemin={0}
      aria-valuemax={Math.ceil(seconds)}
      aria-valuenow={now}
      aria-valuetext={formatSeconds(now.value)}
      onKeyDown={(event) => moveByKey(event, listening, seconds)}
    >
      <div ref={container} class="mix-drawing" />
      <RegionLayer session={session} seconds={seconds} />
    </div>
  );
}

const BARS: Readonly<Record<string, number>> = {
  ArrowRight: 1,
  ArrowUp: 1,
  ArrowLeft: -1,
  ArrowDown: -1,
  PageUp: 4,
  PageDown: -4,
};

/** The keys of a slider, in bars. */
function moveByKey(event: KeyboardEvent, listening: Listening, seconds: number): void {
  const bars = BARS[event.key];
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (bars !== undefined) listening.skipBars(bars);
  else if (event.key === "Home") listening.seek(0);
  else if (event.key === "End") listening.seek(seconds);
  else return;
  event.preventDefault();
}

function drawMix(container: HTMLElement, mix: Mix, seconds: number): WaveSurfer {
  const { color } = getComputedStyle(container);
  return WaveSurfer.create({
    container,
    height: "auto",
    peaks: [mix.outline.map(([, highest]) => highest), mix.outline.map(([lowest]) => lowest)],
    duration: seconds,
    waveColor: color,
    progressColor: color,
    cursorWidth: 0,
    normalize: true,
    hideScrollbar: true,
    interact: false,
    cspNonce: document.querySelector<HTMLElement>("meta[property=csp-nonce]")?.nonce ?? "",
  });
}
