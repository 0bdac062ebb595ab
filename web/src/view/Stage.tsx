import { useComputed } from "@preact/signals";

import type { Match } from "../api/answers.ts";
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
    return (
      <div class="stage-silent">
        <p>This browser cannot play {mix.name}, so it is only searched with. Results can still be downloaded.</p>
        <p aria-live="polite">{listening.problem.value}</p>
      </div>
    );
  }
  const match = listening.selected.value;
  return (
    <div class="stage">
      <div class="lanes">
        <MixWave session={session} mix={mix} seconds={seconds} />
        <StemLane session={session} match={match} mixSeconds={seconds} />
        <Cursor session={session} seconds={seconds} />
      </div>
      <p class="stage-hint" aria-live="polite">
        {listening.problem.value ?? describe(match, listening.loading.value)}
      </p>
    </div>
  );
}

function describe(match: Match | null, isLoading: boolean): string {
  if (match === null) return "Click to go there. Drag to ask with a part of the mix.";
  const { stem, placement } = match;
  if (isLoading) return `Loading ${stem.song}, ${stem.type} …`;
  return `${stem.song}, ${stem.type}: its ${formatSeconds(placement.stem_start, true)} falls on ${formatSeconds(placement.mix_start, true)} of the mix.`;
}

function Cursor({ session: { listening }, seconds }: { session: Session; seconds: number }) {
  const style = useComputed(() => `--at: ${(listening.position.value / seconds).toFixed(5)}`);
  return <div class="cursor" style={style} aria-hidden="true" />;
}
