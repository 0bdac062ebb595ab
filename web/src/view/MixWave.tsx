import { useEffect, useRef } from "preact/hooks";
import WaveSurfer from "wavesurfer.js";
import RegionsPlugin from "wavesurfer.js/plugins/regions";

import type { Mix } from "../state/mix.ts";
import { SHORTEST_REGION_SECONDS, type Search } from "../state/search.ts";
import type { Session } from "../state/session.ts";

/** The mix's waveform: a click seeks, a drag chooses the region that is asked about. */
type Regions = ReturnType<typeof RegionsPlugin.create>;

export function MixWave({ session, mix }: { session: Session; mix: Mix }) {
  const container = useRef<HTMLDivElement>(null);
  const repaint = session.appearance.colours.value;
  const hasRegion = session.search.region.value !== null;
  useEffect(() => {
    if (container.current === null || mix.sound === null) return undefined;
    const drawing = drawMix(container.current, mix, mix.sound.duration, session);
    return () => drawing.destroy();
  }, [mix, repaint, hasRegion]);
  return (
    <div
      ref={container}
      class="mix-wave"
      role="slider"
      tabIndex={0}
      aria-label="Position in the mix"
      aria-valuemin={0}
      aria-valuemax={Math.round(mix.sound?.duration ?? 0)}
      aria-valuenow={0}
      aria-valuetext="Arrow keys move by a bar"
    />
  );
}

function drawMix(container: HTMLElement, mix: Mix, seconds: number, { search, listening }: Session): WaveSurfer {
  const style = getComputedStyle(container);
  const regions = RegionsPlugin.create();
  const drawing = WaveSurfer.create({
    container,
    height: "auto",
    peaks: [mix.outline.map(([, highest]) => highest), mix.outline.map(([lowest]) => lowest)],
    duration: seconds,
    waveColor: style.color,
    progressColor: style.color,
    cursorWidth: 0,
    normalize: true,
    hideScrollbar: true,
    plugins: [regions],
    cspNonce: document.querySelector<HTMLElement>("meta[property=csp-nonce]")?.nonce ?? "",
  });
  drawing.on("interaction", (second) => listening.seek(second));
  const colour = style.getPropertyValue("outline-color");
  const kept = search.region.peek();
  if (kept !== null) regions.addRegion({ ...kept, color: colour, minLength: SHORTEST_REGION_SECONDS });
  regions.enableDragSelection({ color: colour, minLength: SHORTEST_REGION_SECONDS });
  listenToRegions(regions, drawing, search, listening.seek.bind(listening));
  return drawing;
}

function listenToRegions(regions: Regions, drawing: WaveSurfer, search: Search, seek: (second: number) => void): void {
  const take = ({ id, start, end }: { id: string; start: number; end: number }): void => {
    for (const other of regions.getRegions()) if (other.id !== id) other.remove();
    const seconds = drawing.getDuration();
    // A short drag is made as long as a search needs, not refused.
    const length = Math.max(SHORTEST_REGION_SECONDS, end - start);
    const from = Math.max(0, Math.min(start, seconds - length));
    search.region.value = { start: from, end: Math.min(seconds, from + length) };
  };
  regions.on("region-created", take);
  regions.on("region-updated", take);
  regions.on("region-clicked", (_, event) => {
    const box = drawing.getWrapper().getBoundingClientRect();
    seek(((event.clientX - box.left) / box.width) * drawing.getDuration());
  });
}
