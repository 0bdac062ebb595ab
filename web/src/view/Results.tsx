import { useLayoutEffect, useRef } from "preact/hooks";

import { chipsOf, NO_FILTERS } from "../music/filters.ts";
import { mayHaveMore, moreThan } from "../state/more.ts";
import type { Session } from "../state/session.ts";
import { Icon } from "./Icon.tsx";
import { Notice } from "./Notice.tsx";
import { ProgressLine } from "./ProgressLine.tsx";
import { playButtonOf, ResultRow } from "./ResultRow.tsx";

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
          {search.answer.value !== null && <Ending session={session} isAsking={isAsking} />}
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
      <h2 data-focus-home tabIndex={-1}>More like {stem.song}, {stem.type}</h2>
      <button type="button" class="secondary" onClick={() => similar.leave()}><Icon name="close" /> Back to all results</button>
    </div>
  );
}

/** What stands under the list: the way to more of it, or why it is empty. */
function Ending({ session, isAsking }: { session: Session; isAsking: boolean }) {
  if (session.shown.value.length === 0) return isAsking ? null : <Nothing session={session} />;
  return session.similar.to.value === null ? <More session={session} isAsking={isAsking} /> : null;
}

function Nothing({ session: { search, similar } }: { session: Session }) {
  if (similar.to.value !== null) return <p class="nothing">The library holds no other stem like it that fits this mix.</p>;
  const isFiltered = chipsOf(search.filters.value).length > 0;
  return (
    <div class="nothing">
      <p>Nothing in the library passes. {isFiltered ? "Remove a filter, or choose other types." : "Choose other types."}</p>
      {isFiltered && <button type="button" class="secondary" onClick={() => (search.filters.value = NO_FILTERS)}>Remove all filters</button>}
    </div>
  );
}

/** Asks for more, and hands the focus on to the first row that came. */
function More({ session: { search, shown }, isAsking }: { session: Session; isAsking: boolean }) {
  const button = useRef<HTMLButtonElement>(null);
  const listed = useRef<ReadonlySet<string> | null>(null);
  const wasThere = useRef(false);
  // Of what was answered, not of what is listed: that leaves out what was accepted. While more is asked for, the limit
  // is that of the next answer.
  const isThere = isAsking ? wasThere.current : mayHaveMore(search.matches.value, search.limit.value);
  wasThere.current = isThere;
  const ask = (): void => {
    if (isAsking) return;
    listed.current = new Set(shown.value.map(({ stem }) => stem.id));
    search.limit.value = moreThan(search.limit.value);
  };
  useLayoutEffect(() => {
    const before = listed.current;
    if (isAsking || before === null) return;
    listed.current = null;
    // Unless someone went on meanwhile. The last of many takes the button away.
    if (document.activeElement !== (button.current ?? document.body)) return;
    const first = shown.value.find(({ stem }) => !before.has(stem.id));
    if (first) playButtonOf(first)?.focus();
  });
  return isThere ? <button ref={button} type="button" class="secondary more" aria-disabled={isAsking} onClick={ask}>Show more</button> : null;
}
