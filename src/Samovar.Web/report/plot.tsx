import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { spreadParts, type Spread } from './data.ts';
import { useDark } from './theme.ts';

export interface PlotShape {
  series: uPlot.Series[]; bands?: uPlot.Band[]; data: uPlot.AlignedData; scales?: uPlot.Scales;
  /** What stands at x = 1, 2 …, instead of numbers. */
  names?: string[];
  /** Distances between ticks that are allowed: turns have no halves. */
  steps?: number[];
}

const HEIGHT = 300, TICKS = 34, TURNED_TICKS = 70, LABEL = 20;
const NAME_WIDTH = 78; // of the longest name, with room between two

/** Names that would run into each other are turned. */
function xAxis(label: string, { names, steps }: PlotShape): uPlot.Axis {
  const isTurned = (plot: uPlot) => names !== undefined && plot.width / names.length < NAME_WIDTH;
  const size = (plot: uPlot) => isTurned(plot) ? TURNED_TICKS : TICKS;
  if (!names) return { label, labelSize: LABEL, size, ...(steps && { incrs: steps }) };
  return {
    size, splits: () => names.map((_, at) => at + 1), values: () => names, rotate: plot => isTurned(plot) ? 45 : 0,
    ...(label && { label, labelSize: LABEL }),
  };
}

/** A titled plot with its numbers as a table below it. */
export function Plot(props: {
  title: string; x: string; y: string; note?: string; shape: (isDark: boolean) => PlotShape; deps: unknown[]; children: ComponentChildren;
}) {
  const box = useRef<HTMLDivElement>(null);
  const isDark = useDark();
  useEffect(() => {
    const element = box.current!;
    const shape = props.shape(isDark);
    const { series, bands, data, scales } = shape;
    const ink = isDark ? '#cbd5e1' : '#334155', lines = isDark ? '#33415588' : '#cbd5e188';
    const axis = { stroke: ink, grid: { stroke: lines, width: 1 }, ticks: { stroke: lines, width: 1 } };
    const plot = new uPlot({
      width: Math.max(260, element.clientWidth), height: HEIGHT, series, bands, scales: { x: { time: false }, ...scales },
      axes: [
        { ...axis, ...xAxis(props.x, shape) },
        { ...axis, label: props.y, labelSize: LABEL, size: 62 },
      ],
      cursor: { drag: { x: false, y: false } },
    }, data, element);
    const watch = new ResizeObserver(() => plot.setSize({ width: Math.max(260, element.clientWidth), height: HEIGHT }));
    watch.observe(element);
    return () => {
      watch.disconnect();
      plot.destroy();
    };
  }, [isDark, ...props.deps]);
  return (
    <figure>
      <figcaption><h3>{props.title}</h3>{props.note && <p>{props.note}</p>}</figcaption>
      <div class="plot" ref={box} role="img" aria-label={`${props.title}; the numbers are in the table below`} />
      <details><summary>Numbers</summary><div class="scroll">{props.children}</div></details>
    </figure>
  );
}

/** A median, and below it what the rounds spread over. */
export function Figure(props: { spread: Spread | undefined; digits?: number; factor?: number }) {
  const [median, range] = spreadParts(props.spread, props.digits, props.factor);
  return <span class="figure">{median}{range !== undefined && <small>({range})</small>}</span>;
}

/** Columns of numbers under a heading row. */
export function Numbers(props: { caption: string; columns: string[]; rows: ComponentChildren[][] }) {
  return (
    <table>
      <caption>{props.caption}</caption>
      <thead><tr>{props.columns.map(name => <th scope="col">{name}</th>)}</tr></thead>
      <tbody>{props.rows.map(row => <tr>{row.map((cell, at) => at === 0 ? <th scope="row">{cell}</th> : <td>{cell}</td>)}</tr>)}</tbody>
    </table>
  );
}
