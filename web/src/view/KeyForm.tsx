import { useState } from "preact/hooks";

import type { Session } from "../state/session.ts";

/** Where the service answers nobody without an API key. */
export function KeyForm({ session }: { session: Session }) {
  const [isWrong, setWrong] = useState(false);
  const use = (event: SubmitEvent): void => {
    event.preventDefault();
    if (!(event.currentTarget instanceof HTMLFormElement)) return;
    const key = new FormData(event.currentTarget).get("key");
    setWrong(typeof key === "string" && !session.useKey(key));
  };
  return (
    <form class="key-form" onSubmit={use}>
      <label>API key <input name="key" type="password" autocomplete="off" spellcheck={false} required aria-invalid={isWrong} /></label>
      <button type="submit" class="primary">Use it</button>
      <p class="fine">It is kept until this tab is closed.</p>
      {isWrong && <p class="fine" role="alert">A key has plain letters, digits and signs only. Copy it again, without spaces in it.</p>}
    </form>
  );
}
