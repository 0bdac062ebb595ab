import { useEffect, useRef, useState } from "preact/hooks";

interface Props {
  readonly name: string;
  readonly unit: string;
  readonly value: string;
  /** What may be typed. */
  readonly hint: string;
  /** Whether the value is a guess that had better be looked at. */
  readonly isUnsure: boolean;
  /** Takes what was typed; false if it makes no sense. */
  readonly onType: (text: string) => boolean;
}

/** A fact that can be typed over. */
export function TypedFact({ name, unit, value, hint, isUnsure, onType }: Props) {
  const [isWrong, setWrong] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (input.current) input.current.value = value;
    setWrong(false);
  }, [value]);
  return (
    <label class="typed-fact">
      <span class="fact-name">{name}</span>
      <input
        ref={input}
        type="text"
        aria-label={name}
        autocomplete="off"
        spellcheck={false}
        placeholder="–"
        size={unit === "" ? 8 : 4}
        defaultValue={value}
        aria-invalid={isWrong}
        onChange={(event) => setWrong(!onType(event.currentTarget.value))}
        onKeyDown={(event) => event.key === "Enter" && event.currentTarget.blur()}
      />
      {unit}
      {isUnsure && value !== "" && <span class="unsure" title="Estimated, and not sure: type it if you know better">unsure</span>}
      <span role="alert" class="fact-hint">{isWrong && hint}</span>
    </label>
  );
}
