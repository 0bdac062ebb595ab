import type { Session } from "../state/session.ts";
import { NO_FILTERS } from "../music/filters.ts";
import { Notice } from "./Notice.tsx";
import { ResultRow } from "./ResultRow.tsx";
import { SimilarList } from "./SimilarList.tsx";

export function Results({ session }: { session: Session }) {
  const { search } = session;
  const progress = search.progress.value;
  const matches = search.matches.value;
  const isAsking = progress.is === "sending" || progress.is === "listening";
  return (
    <section class="results" aria-label="Results" aria-busy={isAsking}>
      <ProgressLine session={session} />
      {progress.is === "failed" ? (
        <Notice problem={progress.problem} action="Try again" onAction={() => search.retry()} />
      ) : (
        <>
          <SimilarList session={session} />
          <ol class={isAsking ? "result-list is-stale" : "result-list"}>
            {matches.map((match) => <ResultRow key={match.stem.id} session={session} match={match} />)}
          </ol>
          {search.answer.value !== null && !isAsking && <Ending session={session} count={matches.length} />}
        </>
      )}
    </section>
  );
}

function ProgressLine({ session: { search } }: { session: Session }) {
  const progress = search.progress.value;
  const share = progress.is === "sending" ? progress.share : 1;
  const words = {
    idle: describeCount(search.matches.value.length, search.answer.value === null),
    failed: "",
    sending: share === 0 ? "Sending the mix…" : `Sending the mix, ${Math.round(share * 100)} %`,
    listening: "Listening for what fits…",
  }[progress.is];
  return (
    <div class="progress-line">
      <p role="status">{words}</p>
      {progress.is === "sending" && <progress aria-label="Upload" value={share} />}
      {progress.is === "listening" && <progress aria-label="Search" />}
    </div>
  );
}

function describeCount(count: number, isFirst: boolean): string {
  if (isFirst || count === 0) return "";
  return count === 1 ? "One stem, sorted by fit" : `${count} stems, sorted by fit`;
}

function Ending({ session: { search }, count }: { session: Session; count: number }) {
  const isFiltered = search.filters.value !== NO_FILTERS;
  if (count === 0) {
    return (
      <div class="nothing">
        <p>Nothing in the library passes. {isFiltered ? "Remove a filter, or choose other types." : "Choose other types."}</p>
        {isFiltered && <button type="button" class="secondary" onClick={() => (search.filters.value = NO_FILTERS)}>Remove all filters</button>}
      </div>
    );
  }
  const types = Math.max(1, search.types.value.length);
  if (search.types.value.length === 0 || count < search.limit.value * types) return null;
  return <button type="button" class="secondary more" onClick={() => (search.limit.value *= 2)}>Show more</button>;
}
