import type { PageLane, PageSession, PageTurn } from '../state/contract.ts';
import type { World } from '../state/world.ts';
import { isFailed, isRunning, isWaiting } from './timeline.ts';

/** A lane with its session and newest turn: a row of the list. */
export interface Row {
  lane: PageLane;
  session?: PageSession;
  turn?: PageTurn;
  isFirst: boolean;
}

/** Sessions newest first, each with its lanes in the order they came; rows never jump because something happens in them. */
export function rowsOf(world: World, filter: string): Row[] {
  const rows: Row[] = [];
  for (const lane of world.lanes.values()) {
    const session = world.sessions.get(lane.session);
    const newest = lane.turns.at(-1);
    const turn = newest === undefined ? undefined : world.turns.get(newest);
    rows.push({ lane, session, turn, isFirst: true });
  }
  rows.sort(
    (one, other) =>
      (other.session?.opened_at ?? 0) - (one.session?.opened_at ?? 0) ||
      compare(one.lane.session, other.lane.session) ||
      compare(one.lane.name ?? '', other.lane.name ?? '') ||
      compare(one.lane.id, other.lane.id),
  );
  const wanted = matcher(filter);
  const shown = rows.filter(row => wanted(() => textOf(row), row.turn, row.lane));
  for (let at = 1; at < shown.length; at++) shown[at]!.isFirst = shown[at]!.lane.session !== shown[at - 1]!.lane.session;
  return shown;
}

/** The newest turns first. */
export function turnsOf(world: World, filter: string): PageTurn[] {
  const wanted = matcher(filter);
  return [...world.turns.values()]
    .filter(turn => {
      const lane = world.lanes.get(turn.lane);
      const session = lane && world.sessions.get(lane.session);
      return wanted(() => `${turnText(turn)} ${lane ? textOf({ lane, session, isFirst: true }) : ''}`, turn, lane);
    })
    .sort((one, other) => other.at - one.at || compare(other.id, one.id));
}

const compare = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0);

const textOf = ({ lane, session, turn }: Row): string =>
  [
    lane.id,
    lane.session,
    lane.name,
    lane.model,
    lane.kv,
    lane.kv_at,
    session?.tenant,
    session?.client,
    session?.transport,
    turn && turnText(turn),
  ]
    .join(' ')
    .toLowerCase();

const turnText = (turn: PageTurn): string =>
  [
    turn.id,
    turn.lane,
    turn.parent,
    turn.conversation,
    turn.stage,
    turn.outcome,
    turn.error,
    turn.miss,
    turn.model,
    turn.destination,
    turn.affinity,
    ...(turn.faults ?? []),
  ]
    .join(' ')
    .toLowerCase();

type Wanted = (text: () => string, turn?: PageTurn, lane?: PageLane) => boolean;

const states: Record<string, (turn: PageTurn) => boolean> = {
  'is:running': turn => isRunning(turn) && !isWaiting(turn),
  'is:queued': turn => isRunning(turn) && isWaiting(turn),
  'is:failed': turn => isFailed(turn),
  'is:cold': turn => turn.miss !== undefined,
};

/** Words that must all be there; is:running, is:queued, is:failed, is:cold and kv:memory ask for a state. */
export function matcher(filter: string): Wanted {
  const all = filter
    .toLowerCase()
    .split(/\s+/)
    .filter(word => word !== '');
  return (text, turn, lane) =>
    all.every(word => {
      const state = states[word];
      if (state) return turn !== undefined && state(turn);
      return word.startsWith('kv:') ? lane?.kv === word.slice(3) : text().includes(word);
    });
}
