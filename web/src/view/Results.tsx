import { NO_FILTERS } from "../music/filters.ts";
import { mayHaveMore, moreThan } from "../state/more.ts";
import type { Session } from "../state/session.ts";
import { Icon } from "./Icon.tsx";
import { Notice } from "./Notice.tsx";
import { ProgressLine } from "./ProgressLine.tsx";
import { ResultRow } from "./ResultRow.tsx";

export function Results({ session }: { session: Session }) {
  const { search, similar } = session;
  const progress = search.progress.value;
  const isAsking = progress.is === "sending" || progress.is === "listening" || similar.isAsking.value;
  const problem = progress.is === "failed" ? progress.problem : similar.problem.value;
  const retry = (): void => (progress.is === "failed" ? search.retry() : similar.leave());
  return (
    <section class="results" aria-label="Results" aria-busy={isAsking}>
      <SimilarHead session={session} />
      <ProgressLine session={session} />
      {problem ? (
        <Notice session={session} problem={problem} action={progress.is === "failed" ? "Try again" : "Back to all results"} onAction={retry} />
      ) : (
        <>
          <ol class={isAsking ? "result-list is-stale" : "result-list"}>
            {session.shown.value.map((match) => <ResultRow key={match.stem.id} session={session} match={match} />)}
          </ol>
          {search.answer.value !== null && !isAsking && <Ending session={session} />}
        </>
      )}
    </section>
  );
}

/** Whose like is listed, and the way back. */
function SimilarHead({ session: { similar } }: { session: Session }) {
  const stem = similar.to.value;
  if (stem === null) return null;
  return (
    <div class="similar-head">
      <h2>More like {stem.song}, {stem.type}</h2>
      <button type="button" class="secondary" onClick={() => similar.leave()}><Icon name="close" /> Back to all results</button>
    </div>
  );
}

function Ending({ session }: { session: Session }) {
  const { search, similar } = session;
  const count = session.shown.value.length;
  if (similar.to.value !== null) {
    return count === 0 ? <p class="nothing">The library holds no other stem like it that fits this mix.</p> : null;
  }
  const isFiltered = search.filters.value !== NO_FILTERS;
  if (count === 0) {
    return (
      <div class="nothing">
        <p>Nothing in the library passes. {isFiltered ? "Remove a filter, or choose other types." : "Choose other types."}</p>
        {isFiltered && <button type="button" class="secondary" onClick={() => (search.filters.value = NO_FILTERS)}>Remove all filters</button>}
      </div>
    );
  }
  // Of what was answered, not of what is listed: that leaves out what was accepted.
  if (!mayHaveMore(search.matches.value, search.limit.value)) return null;
  return <button type="button" class="secondary more" onClick={() => (search.limit.value = moreThan(search.limit.value))}>Show more</button>;
}
