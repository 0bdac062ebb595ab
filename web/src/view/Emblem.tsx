const BARS = 48;
const STEP = 6;

/** A mix, and under it the stem that was missing: a drawing, no sound. */
export function Emblem() {
  const places = Array.from({ length: BARS }, (_, index) => index);
  return (
    <svg class="emblem" viewBox={`0 0 ${BARS * STEP} 64`} aria-hidden="true">
      {places.map((index) => <Bar key={index} index={index} middle={22} height={mixHeight(index)} className="emblem-mix" />)}
      {places.filter((index) => index >= 12 && index < 40).map((index) => (
        <Bar key={index} index={index} middle={53} height={beatHeight(index)} className="emblem-stem" />
      ))}
    </svg>
  );
}

function Bar({ index, middle, height, className }: { index: number; middle: number; height: number; className: string }) {
  return <rect class={className} x={index * STEP + 1.5} y={middle - height / 2} width={3} height={height} rx={1.5} />;
}

function mixHeight(index: number): number {
  const swell = 0.55 + 0.45 * Math.sin((index / BARS) * Math.PI);
  return 6 + 34 * swell * (0.35 + 0.65 * Math.abs(Math.sin(index * 1.7) * Math.cos(index * 0.53)));
}

function beatHeight(index: number): number {
  return [20, 11, 6, 4][index % 4] ?? 4;
}
