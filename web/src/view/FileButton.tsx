import { useRef } from "preact/hooks";

/** All that the service reads (audio/layouts.py): systems differ in what they take for audio. */
const SUFFIXES =
  ".aac,.aif,.aifc,.aiff,.au,.caf,.flac,.m4a,.mka,.mp2,.mp3,.mp4,.oga,.ogg,.opus,.rf64,.w64,.wav,.wave,.webm,.wma";

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
        accept={`audio/*,${SUFFIXES}`}
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
