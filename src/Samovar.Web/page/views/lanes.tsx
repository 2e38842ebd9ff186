import { memo } from 'preact/compat';
import { useEffect } from 'preact/hooks';
import { bytes, count, percent, saving, shortId } from '../figures/format.ts';
import { placeName, placeSentence } from '../figures/reasons.ts';
import type { Row } from '../figures/rows.ts';
import type { PageTurn } from '../state/contract.ts';
import type { TimelineMode } from '../state/choices.ts';
import { useSize } from './hooks.ts';
import { Stage } from './stage.tsx';
import { Timeline } from './timeline.tsx';

export const laneColumns = ['Session', 'Turns', 'Context', 'Sent', 'KV', 'Now'] as const;

/** @param onWidth Of the timelines' column. */
export function LanesHead({ mode, onWidth }: { mode: TimelineMode; onWidth: (width: number) => void }) {
  const { ref, size } = useSize<HTMLSpanElement>();
  useEffect(() => onWidth(size.width), [size.width]);
  return (
    <>
      {laneColumns.map((name, at) => (
        <span role="columnheader" class={`lane-${name.toLowerCase()}`} aria-colindex={at + 1} ref={name === 'Turns' ? ref : null}>
          {name}
          {name === 'Turns' && mode === 'time' && ' of the last 60 seconds'}
        </span>
      ))}
    </>
  );
}

interface Props {
  row: Row;
  turns: PageTurn[];
  index: number;
  isActive: boolean;
  chosen: string | undefined;
  width: number;
  height: number;
  mode: TimelineMode;
  theme: string;
  still: boolean;
  showsTenant: boolean;
  now: () => number;
  onPick: (index: number, turn?: string) => void;
  onOpen: (index: number, turn?: string) => void;
}

function LaneRow({ row, turns, index, isActive, chosen, width, height, mode, theme, still, showsTenant, now, onPick, onOpen }: Props) {
  const { lane, session, turn, isFirst } = row;
  const name = session?.client ?? shortId(lane.session);
  const isClosed = session?.is_open === false;
  const under = [
    isClosed && 'closed',
    lane.name,
    session?.transport === 'websocket' ? 'WebSocket' : 'HTTP',
    showsTenant && session?.tenant,
  ];
  return (
    <div
      class={`row lane ${isActive ? 'active' : ''} ${isFirst ? 'first' : ''}`}
      role="row"
      id={`lanes-${index}`}
      aria-rowindex={index + 2}
      aria-selected={isActive}
      data-lane={lane.id}
      onClick={() => onPick(index)}
      onDblClick={() => onOpen(index)}
    >
      <span role="gridcell" class="lane-session" title={`${lane.session} · ${lane.id}`}>
        <b class={isClosed ? 'closed' : ''}>
          {isFirst ? (
            name
          ) : (
            <span class="branch" aria-label={name}>
              └
            </span>
          )}
          {!isFirst && ` ${lane.name ?? 'default lane'}`}
        </b>
        <small>{(isFirst ? under : [lane.model]).filter(Boolean).join(' · ')}</small>
      </span>
      <span role="gridcell" class="lane-turns" aria-label={`${turns.length} turns`}>
        <Timeline
          turns={turns}
          width={width}
          height={height}
          mode={mode}
          chosen={chosen}
          theme={theme}
          still={still}
          now={now}
          onPick={id => onOpen(index, id)}
        />
      </span>
      <span role="gridcell" class="lane-context">
        {count(lane.context_tokens)}
        <small>{turn && turn.input_tokens > 0 ? `${percent(turn.cached_tokens, turn.input_tokens)} cached` : 'tokens'}</small>
      </span>
      <span role="gridcell" class="lane-sent">
        {bytes(lane.bytes_up)}
        <small>{saving(lane.bytes_up, lane.bytes_stateless)}</small>
      </span>
      <span role="gridcell" class="lane-kv">
        <Place kv={lane.kv} at={lane.kv === 'upstream' ? undefined : lane.kv_at} />
        {lane.kv === 'upstream' && <small>{lane.kv_at}</small>}
      </span>
      <span role="gridcell" class="lane-now">
        {turn ? <Stage turn={turn} now={now()} /> : <small>no turn yet</small>}
      </span>
    </div>
  );
}

export const Lane = memo(
  LaneRow,
  (before, after) =>
    before.row.lane === after.row.lane &&
    before.row.turn === after.row.turn &&
    before.row.session === after.row.session &&
    before.row.isFirst === after.row.isFirst &&
    before.index === after.index &&
    before.isActive === after.isActive &&
    before.chosen === after.chosen &&
    before.width === after.width &&
    before.height === after.height &&
    before.mode === after.mode &&
    before.theme === after.theme &&
    before.still === after.still &&
    sameTurns(before.turns, after.turns) &&
    !(after.row.turn && after.row.turn.stage !== 'ended'),
);

const sameTurns = (some: PageTurn[], others: PageTurn[]): boolean =>
  some.length === others.length && some.every((turn, at) => turn === others[at]);

export const Place = ({ kv, at }: { kv: string; at?: string | undefined }) => (
  <span class={`place place-${kv}`} title={placeSentence(kv)}>
    {placeName(kv)}
    {at && <span class="place-at">{at}</span>}
  </span>
);
