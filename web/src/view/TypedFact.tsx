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
  const isTyped = useRef(false);
  const show = (): void => {
    if (input.current) input.current.value = value;
  };
  useEffect(() => {
    // An answer that comes while someone types does not take the words out of their hands.
    if (document.activeElement === input.current && isTyped.current) return;
    show();
    setWrong(false);
  }, [value]);
  const take = (text: string): void => {
    const isTaken = onType(text);
    isTyped.current = !isTaken;
    setWrong(!isTaken);
    // What was cleared goes back to the estimate, which may be what stood there before.
    if (text.trim() === "") show();
  };
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
        onInput={() => (isTyped.current = true)}
        onChange={(event) => take(event.currentTarget.value)}
        onKeyDown={(event) => event.key === "Enter" && event.currentTarget.blur()}
      />
      {unit}
      {isUnsure && value !== "" && <span class="unsure" title="Estimated, and not sure: type it if you know better">unsure</span>}
      <span role="alert" class="fact-hint">{isWrong && hint}</span>
    </label>
  );
}
