import { useEffect } from "preact/hooks";

import type { Session } from "../state/session.ts";
import { DropTarget } from "./DropTarget.tsx";
import { FilterBar } from "./FilterBar.tsx";
import { keepFocus } from "./focus.ts";
import { Header } from "./Header.tsx";
import { Help } from "./Help.tsx";
import { Kept } from "./Kept.tsx";
import { MixFactsLine } from "./MixFactsLine.tsx";
import { Notice } from "./Notice.tsx";
import { PutAside } from "./PutAside.tsx";
import { Results } from "./Results.tsx";
import { Stage } from "./Stage.tsx";
import { Start } from "./Start.tsx";
import { Transport } from "./Transport.tsx";
import { TypeBar } from "./TypeBar.tsx";

export function App({ session }: { session: Session }) {
  const mix = session.search.mix.value;
  useEffect(() => keepFocus(document.body), []);
  return (
    <DropTarget onFile={(file) => void session.open(file)}>
      <Header session={session} />
      {mix === null ? (
        <main class="start-page">
          <PutAside session={session} />
          <Start session={session} />
        </main>
      ) : (
        <>
          <main class="work-page">
            <section aria-label="Mix" class="desk">
              <MixFactsLine session={session} mix={mix} />
              <OpenProblem session={session} />
              <PutAside session={session} />
              <Stage session={session} mix={mix} />
            </section>
            <section aria-label="Question" class="question">
              <TypeBar session={session} />
              <FilterBar session={session} />
            </section>
            <Results session={session} />
          </main>
          <Transport session={session} />
        </>
      )}
      <Kept session={session} />
      <Help session={session} />
    </DropTarget>
  );
}

/** Why the file that was dropped last did not take the place of this mix. */
function OpenProblem({ session }: { session: Session }) {
  const problem = session.openProblem.value;
  if (problem === null) return null;
  return <Notice session={session} problem={problem} action="Dismiss" onAction={() => (session.openProblem.value = null)} />;
}
