/** Line drawings of 16 × 16, in the colour of the text. */

const SHAPES = {
  play: "M5 3.2v9.6l7.5-4.8z",
  pause: "M5 3.5v9M11 3.5v9",
  heart: "M8 13.2 3.2 8.5a3 3 0 0 1 4.3-4.2l.5.5.5-.5a3 3 0 0 1 4.3 4.2z",
  download: "M8 2.5v7.5M4.8 7.2 8 10.3l3.2-3.1M3 13.2h10",
  add: "M8 3v10M3 8h10",
  close: "m4 4 8 8M12 4l-8 8",
  similar: "M2.5 6.2c1.8-2 3.6-2 5.5 0s3.700 2 5.500 0M2.500 10.500c1.800-2 3.600-2 5.500 0s3.700 2 5.500 0",
  loop: "M4 6.500h6.500a2.500 2.500 0 0 1 0 5H5M6 4.300 3.800 6.500 6 8.700",
  auto: "M8 2.500a5.500 5.500 0 1 0 0 11zM8 2.500a5.500 5.500 0 0 1 0 11",
  light: "M8 5.300a2.700 2.700 0 1 1 0 5.400 2.700 2.700 0 0 1 0-5.400M8 1.500v1.300M8 13.200v1.300M1.500 8h1.300M13.200 8h1.300M3.400 3.400l.9.9M11.700 11.700l.9.9M3.400 12.600l.9-.9M11.700 4.300l.9-.9",
  dark: "M13 9.600A5.500 5.500 0 0 1 6.400 3a5.500 5.500 0 1 0 6.600 6.600z",
} as const;

export type IconName = keyof typeof SHAPES;

export function Icon({ name, filled = false }: { name: IconName; filled?: boolean }) {
  return (
    <svg class={filled || name === "play" ? "icon is-filled" : "icon"} viewBox="0 0 16 16" aria-hidden="true">
      <path d={SHAPES[name]} />
    </svg>
  );
}
