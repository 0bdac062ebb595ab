import type { Session } from "../state/session.ts";

/** "More like this", where the service can tell. */
export function SimilarList({ session }: { session: Session }) {
  const similar = session.similar.value;
  if (similar === null) return null;
  return (
    <section class="similar" aria-label={`More like ${similar.to.song}`}>
      <h3>More like {similar.to.song}, {similar.to.type}</h3>
      <ul>
        {similar.stems.map((stem) => (
          <li key={stem.id}><a href={stem.audio_url} download={stem.path.split("/").at(-1)}>{stem.song}</a> <span class="fine">{stem.type}</span></li>
        ))}
      </ul>
      <button type="button" class="secondary" onClick={() => (session.similar.value = null)}>Close</button>
    </section>
  );
}
