import { useEffect, useRef, useState } from 'preact/hooks';
import { chainOf, treeOf, type TreeNode } from '../figures/chain.ts';
import { clock, count, duration, shortId } from '../figures/format.ts';
import { reason } from '../state/connection.ts';
import type { PageTurn } from '../state/contract.ts';
import { markOf } from './stage.tsx';

const rowHeight = 28;
const columnWidth = 14;
const rowsMax = 300; // the newest of a longer chain

const x = (column: number) => column * columnWidth + 8;
const y = (row: number) => row * rowHeight + rowHeight / 2;

interface Props {
  id: string;
  turns: ReadonlyMap<string, PageTurn>;
  onPick: (id: string) => void;

  /** Whose it is, where the page is an operator's. */
  tenant: string | undefined;
}

/** A chain with its forks: the server knows all of it, the page what is new in it. */
export function Tree({ id, turns, tenant, onPick }: Props) {
  const [stored, setStored] = useState<{ of: string; turns: PageTurn[]; fault: string }>({ of: '', turns: [], fault: '' });
  const isKnown = stored.turns.some(turn => turn.id === id);
  useEffect(() => {
    if (isKnown) return;
    const ends = new AbortController();
    readChain(id, tenant, ends.signal).then(
      found => setStored({ of: id, turns: found, fault: '' }),
      (error: Error) => {
        if (!ends.signal.aborted) setStored({ of: id, turns: [], fault: error.message });
      },
    );
    return () => ends.abort();
  }, [id, isKnown]);
  const all = new Map(turns);
  for (const turn of stored.turns) if (!all.has(turn.id)) all.set(turn.id, turn);
  const chain = treeOf(chainOf(all, id));
  const skipped = Math.max(0, chain.length - rowsMax);
  const shown = chain
    .slice(skipped)
    .map(node => ({ ...node, row: node.row - skipped, parent: node.parent && { ...node.parent, row: node.parent.row - skipped } }));
  const columns = Math.max(0, ...shown.map(node => node.column)) + 1;
  const forks = chain.filter(node => node.forks > 1).length;
  return (
    <section aria-labelledby="tree-title">
      <h3 id="tree-title">
        Chain{' '}
        <small>
          {count(chain.length)} responses{forks > 0 && `, ${forks} ${forks === 1 ? 'fork' : 'forks'}`}
        </small>
      </h3>
      {skipped > 0 && <p class="muted">The oldest {count(skipped)} are left out.</p>}
      {stored.fault !== '' && <p class="muted">Older responses are not shown: {stored.fault}</p>}
      <div class="tree">
        <svg class="tree-lines" width={columns * columnWidth + 4} height={shown.length * rowHeight} aria-hidden="true">
          {shown.map(node => (
            <Edge node={node} />
          ))}
          {shown.map(node => (
            <circle
              class={`dot stroke-${markOf(node.turn)} ${node.turn.id === id ? 'chosen' : ''}`}
              cx={x(node.column)}
              cy={y(node.row)}
              r={node.turn.id === id ? 5 : 3.5}
            />
          ))}
        </svg>
        <ol role="tree" aria-label="Responses of the chain">
          {shown.map(node => (
            <Leaf node={node} isChosen={node.turn.id === id} onPick={onPick} />
          ))}
        </ol>
      </div>
    </section>
  );
}

function Edge({ node: { row, column, parent } }: { node: TreeNode }) {
  if (!parent) return null;
  const [fromX, fromY, toX, toY] = [x(parent.column), y(parent.row), x(column), y(row)];
  const path =
    fromX === toX
      ? `M${fromX} ${fromY}V${toY}`
      : `M${fromX} ${fromY}C${fromX} ${fromY + rowHeight / 2} ${toX} ${fromY + rowHeight / 4} ${toX} ${fromY + rowHeight * 0.8}V${toY}`;
  return <path class="edge" d={path} />;
}

function Leaf({
  node: { turn, row, column, forks },
  isChosen,
  onPick,
}: {
  node: TreeNode;
  isChosen: boolean;
  onPick: (id: string) => void;
}) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const view = button.current?.closest('.tree');
    if (isChosen && view) view.scrollTop = y(row) - view.clientHeight / 2; // and nothing around it, as scrollIntoView would
  }, [isChosen]);
  return (
    <li role="none">
      <button
        type="button"
        ref={button}
        role="treeitem"
        aria-level={column + 1}
        aria-selected={isChosen}
        class={isChosen ? 'chosen' : ''}
        title={turn.id}
        onClick={() => onPick(turn.id)}
      >
        <code>{shortId(turn.id)}</code>
        <span>{clock(turn.at)}</span>
        <span class="end">{duration(turn.total_ms)}</span>
        <span class="tree-note">{forks > 1 ? `${forks} ways` : turn.miss ? 'cold' : ''}</span>
      </button>
    </li>
  );
}

async function readChain(id: string, tenant: string | undefined, gone: AbortSignal): Promise<PageTurn[]> {
  const all: PageTurn[] = [];
  for (let next: string | null | undefined = id; next && all.length < rowsMax;) {
    const query = tenant === undefined ? '' : `?tenant=${encodeURIComponent(tenant)}`;
    const answer: Response = await fetch(`/page/chain/${encodeURIComponent(next)}${query}`, { signal: gone, credentials: 'same-origin' });
    if (!answer.ok) throw new Error(await reason(answer));
    const page = (await answer.json()) as { turns: PageTurn[]; next?: string | null };
    all.push(...page.turns);
    next = page.turns.length > 0 ? page.next : null;
  }
  return all;
}
