const thin = '\u202f'; // between a figure and its unit
const none = '–';

/** Decimal units with three figures: 12.4 MB. */
export const bytes = (value: number): string => scaled(value, ['B', 'kB', 'MB', 'GB', 'TB', 'PB']);

/** 1,234 up to five digits, then 12.3 k, 4.56 M. */
export const count = (value: number): string =>
  value < 100_000 ? Math.round(value).toLocaleString('en-US') : scaled(value, ['', 'k', 'M', 'G', 'T']);

function scaled(value: number, units: string[]): string {
  let unit = 0;
  while (Math.abs(value) >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)}${units[unit] ? thin + units[unit] : ''}`;
}

/** 0.4 ms, 38 ms, 1.24 s, 3 min 05 s, 2 h 04 min. */
export function duration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return none;
  if (ms < 9.95) return `${ms.toFixed(1)}${thin}ms`;
  if (ms < 999.5) return `${Math.round(ms)}${thin}ms`;
  if (ms < 9_995) return `${(ms / 1000).toFixed(2)}${thin}s`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)}${thin}s`;
  const seconds = Math.round(ms / 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  if (seconds < 3600) return `${Math.floor(seconds / 60)}${thin}min ${two(seconds % 60)}${thin}s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 1440
    ? `${Math.floor(minutes / 60)}${thin}h ${two(minutes % 60)}${thin}min`
    : `${Math.floor(minutes / 1440)}${thin}d ${Math.floor(minutes / 60) % 24}${thin}h`;
}

/** A share as a percentage that says 100 % and 0 % only of all and nothing. */
export function percent(part: number, whole: number): string {
  if (whole <= 0) return none;
  const value = (part / whole) * 100;
  if (part !== 0 && Math.abs(value) < 0.05) return `<${thin}0.1${thin}%`;
  if (part !== whole && value >= 99.95 && value < 100) return `>${thin}99.9${thin}%`;
  return `${value >= 99.95 || value < 0.05 ? Math.round(value) : value.toFixed(1)}${thin}%`;
}

/** What is saved against what would have been sent: −96.4 %; with a plus where it was more. */
export const saving = (sent: number, stateless: number): string =>
  stateless <= 0
    ? none
    : sent === stateless
      ? percent(0, stateless)
      : sent < stateless
        ? `−${percent(stateless - sent, stateless)}`
        : `+${percent(sent - stateless, stateless)}`;

/** 14:03:22, local. */
export const clock = (at: number): string => new Date(at).toLocaleTimeString('en-GB');

/** An id as a row has it: what tells it from others, without its kind's beginning. */
export const shortId = (id: string): string => {
  const at = id.indexOf('_');
  const own = at < 0 ? id : id.slice(at + 1);
  return own.length <= 10 ? own : `…${own.slice(-8)}`;
};
