import { useEffect, useRef, useState } from "preact/hooks";

import type { PeaksAnswer, Stem } from "../api/answers.ts";
import type { Session } from "../state/session.ts";
import { paintOutline, type Framing } from "./outline.ts";

interface Props {
  readonly stem: Stem;
  readonly session: Session;
  readonly framing: Framing;
  readonly className: string;
}

/** A stem's waveform, fetched when it comes into view. */
export function StemOutline({ session, stem, framing, className }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [outline, setOutline] = useState<PeaksAnswer | null>(null);
  const [width, setWidth] = useState(0);
  const repaint = session.appearance.colours.value;
  useEffect(() => {
    setOutline(null);
    let isStale = false;
    const show = (peaks: PeaksAnswer): void => {
      if (!isStale) setOutline(peaks);
    };
    const seen = new IntersectionObserver(([entry]) => {
      if (!entry?.isIntersecting) return;
      seen.disconnect();
      // Without its outline a stem can still be heard: nothing is drawn then.
      session.sounds.outline(stem).then(show, () => undefined);
    });
    const sized = new ResizeObserver(([entry]) => setWidth(entry?.contentRect.width ?? 0));
    if (canvas.current) {
      seen.observe(canvas.current);
      sized.observe(canvas.current);
    }
    return () => {
      isStale = true;
      seen.disconnect();
      sized.disconnect();
    };
  }, [stem.id]);
  useEffect(() => {
    if (canvas.current && outline) paintOutline(canvas.current, outline, framing);
  }, [outline, width, repaint, className, framing.from, framing.seconds, framing.lit.start, framing.turn]);
  return <canvas ref={canvas} class={className} aria-hidden="true" />;
}
