import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { useDark } from './theme.ts';

export interface PlotShape {
  series: uPlot.Series[]; bands?: uPlot.Band[]; data: uPlot.AlignedData; scales?: uPlot.Scales; xValues?: uPlot.Axis.Values;
}

const HEIGHT = 300;

/** A titled plot with its numbers as a table below it. */
export function Plot(props: {
  title: string; x: string; y: string; note?: string; shape: (isDark: boolean) => PlotShape; deps: unknown[]; children: ComponentChildren;
}) {
  const box = useRef<HTMLDivElement>(null);
  const isDark = useDark();
  useEffect(() => {
    const element = box.current!;
    const { series, bands, data, scales, xValues } = props.shape(isDark);
    const ink = isDark ? '#cbd5e1' : '#334155', lines = isDark ? '#33415588' : '#cbd5e188';
    const axis = { stroke: ink, grid: { stroke: lines, width: 1 }, ticks: { stroke: lines, width: 1 } };
    const plot = new uPlot({
      width: Math.max(260, element.clientWidth), height: HEIGHT, series, bands, scales: { x: { time: false }, ...scales },
      axes: [
        { ...axis, label: props.x, labelSize: 20, ...(xValues && { values: xValues }) },
        { ...axis, label: props.y, labelSize: 20, size: 62 },
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

/** Columns of numbers under a heading row. */
export function Numbers(props: { caption: string; columns: string[]; rows: string[][] }) {
  return (
    <table>
      <caption>{props.caption}</caption>
      <thead><tr>{props.columns.map(name => <th scope="col">{name}</th>)}</tr></thead>
      <tbody>{props.rows.map(row => <tr>{row.map((cell, at) => at === 0 ? <th scope="row">{cell}</th> : <td>{cell}</td>)}</tr>)}</tbody>
    </table>
  );
}
