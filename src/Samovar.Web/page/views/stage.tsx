import { clock, count, duration, percent } from '../figures/format.ts';
import { words } from '../figures/reasons.ts';
import { isFailed, isRunning, isWaiting, lengthMs } from '../figures/timeline.ts';
import type { PageTurn } from '../state/contract.ts';

export type Mark = 'queued' | 'prefill' | 'decode' | 'failed' | 'ended';

export const markOf = (turn: PageTurn): Mark =>
  isFailed(turn) ? 'failed' : !isRunning(turn) ? 'ended' : isWaiting(turn) ? 'queued' : turn.stage === 'decode' ? 'decode' : 'prefill';

/** Where a turn stands, in a word and a figure. */
export function Stage({ turn, now }: { turn: PageTurn; now: number }) {
  const mark = markOf(turn);
  return (
    <span class={`stage stage-${mark}`}>
      {title(turn)}
      <small>{under(turn, now)}</small>
    </span>
  );
}

export const title = (turn: PageTurn): string =>
  words(isRunning(turn) ? (isWaiting(turn) ? 'queued' : turn.stage) : (turn.error ?? turn.outcome ?? 'ended'));

function under(turn: PageTurn, now: number): string {
  if (!isRunning(turn)) return `${duration(turn.total_ms)} · ${clock(turn.at)}`;
  const taken = duration(lengthMs(turn, now));
  if (turn.stage === 'decode') return `${count(turn.output_tokens)} tokens · ${taken}`;
  const done = turn.prefill_tokens > 0 && turn.prefilled_tokens > 0 && percent(turn.prefilled_tokens, turn.prefill_tokens);
  return done ? `${done} · ${taken}` : taken;
}
