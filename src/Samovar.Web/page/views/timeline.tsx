import { useEffect, useRef } from 'preact/hooks';
import { count, duration, percent } from '../figures/format.ts';
import { coloursNow, drawBars, drawTicks, painter, type Painted } from '../figures/painter.ts';
import { barAt, layout, layoutInTime, type Bar } from '../figures/timeline.ts';
import type { PageTurn } from '../state/contract.ts';
import type { TimelineMode } from '../state/choices.ts';

const windowMs = 60_000; // what the axis of time shows
const tickMs = 10_000;

interface Props {
  turns: PageTurn[];
  width: number;
  height: number;
  mode: TimelineMode;
  chosen: string | undefined;
  theme: string;
  still: boolean;
  now: () => number;
  onPick: (id: string) => void;
}

/** A lane's turns, drawn: a canvas of its own, so that it scrolls with its row. */
export function Timeline(props: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const state = useRef<{ props: Props; bars: Bar[] }>({ props, bars: [] });
  const painted = useRef<Painted>(undefined);
  state.current.props = props;
  painted.current ??= { paint: () => (canvas.current ? paint(canvas.current, state.current) : false) };
  useEffect(() => painter.touch(painted.current!));
  useEffect(() => () => painter.forget(painted.current!), []);
  const pick = (event: MouseEvent) => {
    const bar = barAt(state.current.bars, event.offsetX);
    if (!bar) return;
    event.stopPropagation();
    props.onPick(bar.id);
  };
  const point = (event: MouseEvent) => {
    const bar = barAt(state.current.bars, event.offsetX);
    const input = bar ? bar.cached + bar.computed : 0;
    canvas.current!.title = bar ? `${duration(bar.totalMs)}, ${percent(bar.cached, input)} of ${count(input)} tokens cached` : '';
  };
  return <canvas ref={canvas} class="timeline" aria-hidden="true" onClick={pick} onMouseMove={point} />;
}

function paint(canvas: HTMLCanvasElement, state: { props: Props; bars: Bar[] }): boolean {
  const { turns, width, height, mode, chosen, now, still } = state.props;
  if (width <= 0) return false;
  const ratio = devicePixelRatio;
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== wide || canvas.height !== high) {
    [canvas.width, canvas.height] = [wide, high];
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const context = canvas.getContext('2d')!;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  const at = now();
  state.bars = mode === 'time' ? layoutInTime(turns, width, at, windowMs) : layout(turns, width, at);
  if (mode === 'time') drawTicks(context, width, height, windowMs / tickMs, coloursNow());
  drawBars(context, state.bars, height, chosen, coloursNow());
  return !still && (mode === 'time' ? state.bars.length > 0 : state.bars.some(bar => bar.isRunning));
}
