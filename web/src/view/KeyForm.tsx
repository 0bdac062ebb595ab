import type { Session } from "../state/session.ts";

/** Where the service answers nobody without an API key. */
export function KeyForm({ session }: { session: Session }) {
  const use = (event: SubmitEvent): void => {
    event.preventDefault();
    if (!(event.currentTarget instanceof HTMLFormElement)) return;
    const key = new FormData(event.currentTarget).get("key");
    if (typeof key === "string" && key.trim() !== "") void session.useKey(key);
  };
  return (
    <form class="key-form" onSubmit={use}>
      <label>API key <input name="key" type="password" autocomplete="off" spellcheck={false} required /></label>
      <button type="submit" class="primary">Use it</button>
      <p class="fine">It is kept until this tab is closed.</p>
    </form>
  );
}
