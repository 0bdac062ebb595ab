import type { Session } from "../state/session.ts";

/** The way back to what was put together before another mix was opened. */
export function PutAside({ session }: { session: Session }) {
  const stacked = session.stack.aside.value;
  if (stacked === null) return null;
  const count = stacked.layers.length;
  return (
    <div class="put-aside">
      <p role="status">{stacked.mix.name}, with {count === 1 ? "a stem" : `${count} stems`} that you accepted, was put aside.</p>
      <button type="button" class="secondary" onClick={() => session.bringBack()}>Bring it back</button>
      <button type="button" class="quiet" onClick={() => (session.stack.aside.value = null)}>Let it go</button>
    </div>
  );
}
