import type { Session } from "../state/session.ts";

/** How far the question is, or how much was found. */
export function ProgressLine({ session }: { session: Session }) {
  const { search, similar, stack } = session;
  const progress = search.progress.value;
  const share = progress.is === "sending" ? progress.share : 1;
  const words = {
    idle: search.answer.value === null ? "" : describeCount(session.shown.value.length, similar.to.value !== null),
    failed: "",
    sending: share === 0 ? "Sending the mix…" : `Sending the mix, ${Math.round(share * 100)} %`,
    listening: "Listening for what fits…",
  }[progress.is];
  const busy = stack.busy.value ? "Mixing it in…" : similar.isAsking.value ? "Looking for more like it…" : null;
  const isListening = progress.is === "listening" || busy !== null;
  return (
    <div class="progress-line">
      <p role="status" data-focus-home tabIndex={-1}>{busy ?? words}</p>
      {progress.is === "sending" && <progress aria-label="Upload" value={share} />}
      {isListening && <progress aria-label="Search" />}
    </div>
  );
}

function describeCount(count: number, isSimilar: boolean): string {
  const order = isSimilar ? "the most alike first" : "sorted by fit";
  if (count === 0) return "";
  return count === 1 ? "One stem" : `${count} stems, ${order}`;
}
