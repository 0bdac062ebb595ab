import type { LibraryState } from "../state/library.ts";
import type { Session } from "../state/session.ts";
import { Emblem } from "./Emblem.tsx";
import { FileButton } from "./FileButton.tsx";
import { Notice } from "./Notice.tsx";

export function Start({ session }: { session: Session }) {
  const { openProblem } = session;
  const library = session.library.state.value;
  const look = (): void => void session.library.look();
  return (
    <div class="start">
      {library.is === "failed" && <Notice session={session} problem={library.problem} action="Look again" onAction={look} />}
      {library.is === "empty" && <EmptyLibrary onLook={look} />}
      {(library.is === "there" || library.is === "unknown") && <Invitation session={session} />}
      {openProblem.value && <Notice session={session} problem={openProblem.value} />}
      <p class="start-library">{describeLibrary(library)}</p>
    </div>
  );
}

function Invitation({ session }: { session: Session }) {
  return (
    <div class="start-drop">
      <Emblem />
      <p class="start-title" data-focus-home tabIndex={-1}>Drop a mix.<br />Hear what fits.</p>
      <FileButton label={session.opening.value ? "Opening…" : "Choose a file"} className="primary" onFile={(file) => void session.open(file)} />
      <p class="start-hint">WAV, FLAC, AIFF, MP3, Ogg, Opus, M4A… It stays on this server.</p>
    </div>
  );
}

function EmptyLibrary({ onLook }: { onLook: () => void }) {
  return (
    <div class="start-drop">
      <p class="start-title" data-focus-home tabIndex={-1}>No library yet.</p>
      <p class="start-hint">Index a folder of stems first, then look again:</p>
      <p><code class="command">counterpart index ~/stems</code></p>
      <button type="button" class="primary" onClick={onLook}>Look again</button>
    </div>
  );
}

function describeLibrary(library: LibraryState): string {
  if (library.is !== "there") return "";
  const stems = library.types.reduce((total, type) => total + type.stems, 0);
  const types = library.types.filter((type) => type.stems > 0).length;
  return `${stems.toLocaleString("en")} stems of ${types} types are listening.`;
}
