import type { PageTurn } from '../state/contract.ts';

export type Part = 'queued' | 'prefill' | 'decode';

/** A stretch of a turn's time, in milliseconds since its arrival. */
export interface Segment {
  part: Part;
  from: number;
  to: number;
}

/** A turn as a bar: where it stands, its segments, and how much of its input was cached. */
export interface Bar {
  id: string;
  x: number;
  width: number;
  segments: Segment[];
  totalMs: number;
  cached: number;
  computed: number;
  isFailed: boolean;
  isRunning: boolean;
  isCold: boolean;
}

const waits = new Set(['queue', 'place']); // for the turn before it in its lane; for a stream or a destination
const gap = 2;
const edge = 1; // an outline has its place
const narrowest = 8;
const widest = 132;

export const isRunning = (turn: PageTurn): boolean => turn.stage !== 'ended';
export const isWaiting = (turn: PageTurn): boolean => waits.has(turn.stage);
export const isFailed = (turn: PageTurn): boolean => turn.outcome === 'failed' || turn.outcome === 'refused';

/** How long it has taken: to its end, or until now. */
export const lengthMs = (turn: PageTurn, now: number): number => Math.max(0, turn.total_ms ?? now - turn.at);

export function segments(turn: PageTurn, now: number): Segment[] {
  const end = lengthMs(turn, now);
  const within = (value: number) => Math.min(Math.max(value, 0), end);
  const queued = within(turn.queued_ms ?? (isWaiting(turn) ? end : 0));
  const first = Math.max(queued, within(turn.first_token_ms ?? end));
  const all: Segment[] = [
    { part: 'queued', from: 0, to: queued },
    { part: 'prefill', from: queued, to: first },
    { part: 'decode', from: first, to: end },
  ];
  return all.filter(segment => segment.to > segment.from);
}

const bar = (turn: PageTurn, x: number, width: number, totalMs: number, now: number): Bar => ({
  id: turn.id,
  x,
  width,
  segments: segments(turn, now),
  totalMs,
  cached: turn.cached_tokens,
  computed: Math.max(turn.prefill_tokens, turn.input_tokens - turn.cached_tokens),
  isFailed: isFailed(turn),
  isRunning: isRunning(turn),
  isCold: turn.miss !== undefined,
});

/** Wide enough to be seen, and longer for longer turns without a slow one taking the row: a bar ten times as long is thrice as wide. */
export const barWidth = (ms: number): number => Math.round(Math.min(widest, narrowest + Math.sqrt(ms) * 1.15));

/** A lane's turns side by side from the left; where they do not all fit, the newest ends at the right edge and the oldest are left out. */
export function layout(turns: PageTurn[], width: number, now: number): Bar[] {
  const bars: Bar[] = [];
  let right = width - edge;
  for (let at = turns.length - 1; at >= 0; at--) {
    const turn = turns[at]!;
    const totalMs = lengthMs(turn, now);
    const wide = barWidth(totalMs);
    if (right - wide < edge) return bars.reverse();
    right -= wide;
    bars.push(bar(turn, right, wide, totalMs, now));
    right -= gap;
  }
  const spare = (bars.at(-1)?.x ?? edge) - edge;
  return bars.reverse().map(one => ({ ...one, x: one.x - spare }));
}

/** On one axis of time for all rows: the window's end is now. */
export function layoutInTime(turns: PageTurn[], width: number, now: number, windowMs: number): Bar[] {
  const scale = width / windowMs;
  const bars: Bar[] = [];
  for (const turn of turns) {
    const totalMs = lengthMs(turn, now);
    const x = width - (now - turn.at) * scale;
    const wide = Math.max(3, totalMs * scale);
    if (x + wide < 0 || x > width) continue;
    bars.push(bar(turn, x, wide, totalMs, now));
  }
  return bars;
}

export const barAt = (bars: Bar[], x: number): Bar | undefined => bars.find(bar => x >= bar.x - gap / 2 && x < bar.x + bar.width + gap / 2);
