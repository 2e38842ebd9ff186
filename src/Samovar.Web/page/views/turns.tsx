import { bytes, clock, count, duration, shortId } from '../figures/format.ts';
import { missSentence, words } from '../figures/reasons.ts';
import type { PageTurn } from '../state/contract.ts';
import { markOf, title } from './stage.tsx';

export const turnColumns = [
  ['at', 'Began'],
  ['id', 'Turn'],
  ['outcome', 'Outcome'],
  ['queued', 'Queued'],
  ['first', 'First token'],
  ['total', 'Total'],
  ['input', 'Input'],
  ['cached', 'Cached'],
  ['output', 'Output'],
  ['up', 'Sent'],
  ['where', 'Where'],
  ['why', 'Why cold'],
] as const;

export const TurnsHead = () => (
  <>
    {turnColumns.map(([name, label], at) => (
      <span role="columnheader" class={`turn-${name}`} aria-colindex={at + 1}>
        {label}
      </span>
    ))}
  </>
);

interface Props {
  turn: PageTurn;
  index: number;
  isActive: boolean;
  onPick: (index: number) => void;
  onOpen: (index: number) => void;
}

export function TurnRow({ turn, index, isActive, onPick, onOpen }: Props) {
  const cell = (name: string, value: unknown, hint?: string) => (
    <span role="gridcell" class={`turn-${name}`} title={hint}>
      {value as string}
    </span>
  );
  const where = [turn.destination, turn.affinity && words(turn.affinity)].filter(Boolean).join(' · ') || turn.model;
  return (
    <div
      class={`row turn ${isActive ? 'active' : ''}`}
      role="row"
      id={`turns-${index}`}
      aria-rowindex={index + 2}
      aria-selected={isActive}
      data-turn={turn.id}
      onClick={() => (onPick(index), onOpen(index))}
    >
      {cell('at', clock(turn.at))}
      {cell('id', shortId(turn.id), turn.id)}
      <span role="gridcell" class={`turn-outcome stage stage-${markOf(turn)}`}>
        {title(turn)}
      </span>
      {cell('queued', duration(turn.queued_ms))}
      {cell('first', duration(turn.first_token_ms))}
      {cell('total', duration(turn.total_ms))}
      {cell('input', count(turn.input_tokens))}
      {cell('cached', count(turn.cached_tokens))}
      {cell('output', count(turn.output_tokens))}
      {cell('up', bytes(turn.bytes_up))}
      {cell('where', where ?? '', where)}
      {cell(
        'why',
        turn.miss ? words(turn.miss) : turn.faults?.length ? `after ${turn.faults.length} failed` : '',
        turn.miss ? missSentence(turn.miss) : turn.faults?.join(', '),
      )}
    </div>
  );
}
