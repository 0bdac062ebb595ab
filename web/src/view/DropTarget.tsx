import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";

/** The whole window takes a file that is dropped on it. */
export function DropTarget({ onFile, children }: { onFile: (file: File) => void; children: ComponentChildren }) {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const stop = new AbortController();
    const listen = (type: "dragover" | "dragleave" | "drop", act: (event: DragEvent) => void): void =>
      window.addEventListener(type, act, { signal: stop.signal });
    listen("dragover", (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      setOver(true);
    });
    listen("dragleave", (event) => {
      if (event.relatedTarget === null) setOver(false);
    });
    listen("drop", (event) => {
      const file = event.dataTransfer?.files[0];
      setOver(false);
      if (!file) return;
      event.preventDefault();
      onFile(file);
    });
    return () => stop.abort();
  }, [onFile]);
  return (
    <div class={isOver ? "page is-over" : "page"}>
      {children}
      {isOver && <div class="drop-veil" aria-hidden="true">Drop it: this is the mix</div>}
    </div>
  );
}
