import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useSize } from './hooks.ts';

interface Props {
  id: string;
  label: string;
  count: number;
  rowHeight: number;
  active: number;
  columns: number;
  head: ComponentChildren;
  row: (index: number) => ComponentChildren;
  onWidth?: (width: number) => void;
}

const beyond = 4; // rows that are made before they are scrolled into sight

/** A grid of which only the rows in sight are made. The active row is in sight whenever it changes. */
export function VirtualGrid({ id, label, count, rowHeight, active, columns, head, row, onWidth }: Props) {
  const { ref, size } = useSize<HTMLDivElement>();
  const [top, setTop] = useState(0);
  const seen = useRef(-1);
  const first = Math.max(0, Math.floor(top / rowHeight) - beyond);
  const last = Math.min(count, Math.ceil((top + size.height) / rowHeight) + beyond);
  useEffect(() => onWidth?.(size.width), [size.width]);
  useLayoutEffect(() => {
    if (active === seen.current) return;
    const isFirst = seen.current === -1;
    seen.current = active;
    if (active < 0 || (isFirst && active === 0)) return;
    const view = ref.current!;
    if (active * rowHeight < view.scrollTop) view.scrollTop = active * rowHeight;
    else if ((active + 1) * rowHeight > view.scrollTop + view.clientHeight) view.scrollTop = (active + 1) * rowHeight - view.clientHeight;
  }, [active, rowHeight]);
  const rows: ComponentChildren[] = [];
  for (let index = first; index < last; index++) rows.push(row(index));
  return (
    <div
      class="grid"
      role="grid"
      id={id}
      aria-label={label}
      aria-rowcount={count + 1}
      aria-colcount={columns}
      tabIndex={0}
      aria-activedescendant={active >= first && active < last ? `${id}-${active}` : undefined}
    >
      <div class="grid-head" role="row" aria-rowindex={1}>
        {head}
      </div>
      <div class="grid-view" role="presentation" ref={ref} tabIndex={-1} onScroll={event => setTop(event.currentTarget.scrollTop)}>
        <div class="grid-whole" role="presentation" style={{ height: `${count * rowHeight}px` }}>
          <div class="grid-window" role="rowgroup" style={{ transform: `translateY(${first * rowHeight}px)` }}>
            {rows}
          </div>
        </div>
      </div>
    </div>
  );
}
