const firstMs = 500;
const longestMs = 15_000;

/** How long to wait before an attempt: twice as long each time, bounded, and never the same for all pages of a server that comes back. */
export const backoffMs = (attempt: number, random: () => number): number =>
  Math.min(longestMs, firstMs * 2 ** Math.min(attempt, 10)) * (0.75 + random() / 2);
