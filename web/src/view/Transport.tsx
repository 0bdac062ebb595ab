import { useComputed, type Signal } from "@preact/signals";

import { formatSeconds } from "../music/time.ts";
import type { Session } from "../state/session.ts";
import { HearingChoice } from "./HearingChoice.tsx";
import { Icon } from "./Icon.tsx";

export function Transport({ session }: { session: Session }) {
  const { listening, search } = session;
  const canPlay = search.mix.value?.sound != null;
  return (
    <footer class="transport" aria-label="Player">
      <button type="button" class="play-main" disabled={!canPlay} aria-label={listening.playing.value ? "Pause" : "Play"} onClick={() => listening.toggle()}>
        <Icon name={listening.playing.value ? "pause" : "play"} />
      </button>
      <Clock session={session} />
      <HearingChoice session={session} />
      <label class="balance">
        <span>Mix</span>
        <input type="range" min={-1} max={1} step={0.05} value={listening.balance.value} aria-label="Balance between mix and stem"
          aria-valuetext={describeBalance(listening.balance.value)}
          onInput={(event) => (listening.balance.value = Number(event.currentTarget.value))}
          onDblClick={() => (listening.balance.value = 0)} />
        <span>Stem</span>
      </label>
      <div class="switches">
        <Switch label="Loop" on={listening.loops} title="Go round where the stem plays, or round the region (L)" />
        <Switch label="To tempo" on={listening.stretches} title="Stretch the stem to the mix's tempo (T)" detail={describeRate(listening.rate.value)} />
        <Switch label="To key" on={listening.shifts} title="Shift the stem to the mix's key (K)" detail={describeShift(listening.semitones.value)} />
      </div>
    </footer>
  );
}

function Clock({ session: { listening, search } }: { session: Session }) {
  const shown = useComputed(() => formatSeconds(listening.position.value, true));
  return (
    <p class="clock" role="timer" aria-label="Position">
      {shown} <span class="fine">/ {formatSeconds(search.mix.value?.sound?.duration ?? 0, true)}</span>
    </p>
  );
}

function Switch({ label, on, title, detail = "" }: { label: string; on: Signal<boolean>; title: string; detail?: string }) {
  return (
    <button type="button" class="switch" aria-pressed={on.value} title={title} onClick={() => (on.value = !on.value)}>
      {label}{detail !== "" && <span class="switch-detail"> {detail}</span>}
    </button>
  );
}

function describeBalance(balance: number): string {
  if (balance === 0) return "even";
  return `${Math.round(Math.abs(balance) * 100)} % towards the ${balance < 0 ? "mix" : "stem"}`;
}

function describeRate(rate: number): string {
  return rate === 1 ? "" : `×${rate.toFixed(3)}`;
}

function describeShift(semitones: number): string {
  if (semitones === 0) return "";
  return `${semitones > 0 ? "+" : "−"}${Math.abs(semitones)}`;
}
