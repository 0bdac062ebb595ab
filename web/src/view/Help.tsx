import { useLayoutEffect, useRef } from "preact/hooks";

import type { Session } from "../state/session.ts";
import { KEYS } from "./keyboard.ts";

export function Help({ session: { helpIsOpen, shortcuts, access } }: { session: Session }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const isOpen = helpIsOpen.value;
  // A layout effect: were the dialog opened in the next frame, the event below could come first and take it for closed.
  useLayoutEffect(() => {
    if (isOpen) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isOpen]);
  // The event is late: the help may have been opened again since.
  const isClosed = () => {
    if (!dialog.current?.open) helpIsOpen.value = false;
  };
  return (
    <dialog ref={dialog} class="help" aria-labelledby="help-title" onClose={isClosed}>
      <h2 id="help-title">Keys</h2>
      <dl>
        {KEYS.map(([keys, does]) => (
          <div key={keys}><dt>{keys.split(" ").map((key) => key === "–" ? " – " : <kbd key={key}>{key}</kbd>)}</dt><dd>{does}</dd></div>
        ))}
      </dl>
      <label class="check">
        <input type="checkbox" checked={shortcuts.characters.value} onChange={(event) => shortcuts.turn(event.currentTarget.checked)} />
        <span>Letters, digits and signs are keys, too</span>
      </label>
      <p class="fine">{access.key.value === null && "Drag a result into your DAW. "}Drag over the mix to ask with a part of it. The HTTP API is described at <a href="docs">/docs</a>.</p>
      <button type="button" class="primary" autofocus onClick={() => (helpIsOpen.value = false)}>Close</button>
    </dialog>
  );
}
