import { useRef } from "preact/hooks";

const FORMATS = "audio/*,.wav,.flac,.aif,.aiff,.caf,.mp3,.ogg,.oga,.opus,.m4a,.aac,.webm";

interface Props {
  readonly label: string;
  readonly className: string;
  readonly onFile: (file: File) => void;
}

/** A button that opens the system's file chooser. */
export function FileButton({ label, className, onFile }: Props) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" class={className} onClick={() => input.current?.click()}>
        {label}
      </button>
      <input
        ref={input}
        type="file"
        accept={FORMATS}
        hidden
        aria-label={label}
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          event.currentTarget.value = "";
          if (file) onFile(file);
        }}
      />
    </>
  );
}
