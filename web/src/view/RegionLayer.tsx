import { useRef, useState } from "preact/hooks";

import { regionBetween, type Span } from "../music/placement.ts";
import type { Session } from "../state/session.ts";

/** A pointer that moves less than this was a click. */
const CLICK_PIXELS = 4;

interface Drag {
  /** Second of the mix that stays where it is. */
  readonly anchor: number;
  readonly x: number;
  readonly moved: boolean;
}

/** Lies over the waveform: a click seeks; a drag makes a region, or moves the end of one that it takes hold of. */
export function RegionLayer({ session: { search, listening }, seconds }: { session: Session; seconds: number }) {
  const layer = useRef<HTMLDivElement>(null);
  const drag = useRef<Drag | null>(null);
  const [drawn, setDrawn] = useState<Span | null>(null);
  const region = drawn ?? search.region.value;

  const secondAt = (event: PointerEvent): number => {
    const box = layer.current?.getBoundingClientRect();
    return box ? Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * seconds : 0;
  };
  const begin = (event: PointerEvent, anchor = secondAt(event)): void => {
    if (event.button !== 0) return;
    event.stopPropagation();
    layer.current?.setPointerCapture(event.pointerId);
    drag.current = { anchor, x: event.clientX, moved: false };
  };
  const move = (event: PointerEvent): void => {
    const held = drag.current;
    if (held === null || (!held.moved && Math.abs(event.clientX - held.x) < CLICK_PIXELS)) return;
    drag.current = { ...held, moved: true };
    setDrawn(regionBetween(held.anchor, secondAt(event), seconds));
  };
  const end = (event: PointerEvent): void => {
    const held = drag.current;
    drag.current = null;
    setDrawn(null);
    if (held === null || event.type === "pointercancel") return;
    if (held.moved) search.region.value = regionBetween(held.anchor, secondAt(event), seconds);
    else listening.seek(secondAt(event));
  };
  return (
    <div ref={layer} class="region-layer" onPointerDown={begin} onPointerMove={move} onPointerUp={end} onPointerCancel={end}>
      {region && (
        <div class="region" style={`left: ${percent(region.start / seconds)}; right: ${percent(1 - region.end / seconds)}`}>
          <span class="region-edge is-start" onPointerDown={(event) => begin(event, region.end)} />
          <span class="region-edge is-end" onPointerDown={(event) => begin(event, region.start)} />
        </div>
      )}
    </div>
  );
}

function percent(share: number): string {
  return `${(share * 100).toFixed(3)}%`;
}
