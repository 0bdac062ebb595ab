/** Seconds for people. */

/** `1:04`, or with `tenths` `1:04.2`. */
export function formatSeconds(seconds: number, tenths = false): string {
  const unit = tenths ? 10 : 1;
  const whole = Math.round(Math.max(0, seconds) * unit);
  const minutes = Math.floor(whole / (60 * unit));
  const rest = (whole - minutes * 60 * unit) / unit;
  return `${minutes}:${rest.toFixed(tenths ? 1 : 0).padStart(tenths ? 4 : 2, "0")}`;
}
