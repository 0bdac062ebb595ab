import { useComputed } from "@preact/signals";

import { formatSeconds } from "../music/time.ts";
import type { Mix } from "../state/mix.ts";
import type { Session } from "../state/session.ts";
import { MixWave } from "./MixWave.tsx";
import { StemLane } from "./StemLane.tsx";

/** Mix and chosen stem, one under the other on one timeline. */
export function Stage({ session, mix }: { session: Session; mix: Mix }) {
  const { listening } = session;
  const seconds = mix.sound?.duration ?? 0;
  if (seconds === 0) {
    return <p class="stage-silent">This browser cannot play {mix.name}, so it is only searched with. Results can still be downloaded.</p>;
  }
  const match = listening.selected.value;
  return (
    <div class="stage">
      <MixWave session={session} mix={mix} />
      <StemLane session={session} match={match} mixSeconds={seconds} />
      <Cursor session={session} seconds={seconds} />
      <p class="stage-hint" aria-live="polite">
        {listening.problem.value ?? (match
          ? `${match.stem.song}, ${match.stem.type}: second ${match.placement.stem_start.toFixed(2)} under ${formatSeconds(match.placement.mix_start, true)} of the mix.`
          : "Drag over the mix to ask with a part of it.")}
      </p>
    </div>
  );
}

function Cursor({ session: { listening }, seconds }: { session: Session; seconds: number }) {
  const style = useComputed(() => `--at: ${(listening.position.value / seconds).toFixed(5)}`);
  return <div class="cursor" style={style} aria-hidden="true" />;
}
