import type { Bar, Part } from './timeline.ts';

/** What is drawn again when it changed, and while it moves. */
export interface Painted {
  /** @returns Whether it looks different a moment later. */
  paint(): boolean;
}

const stillMs = 1000; // with reduced motion, what moves is drawn once a second

/** One loop of animation frames for everything that is drawn; it stops where nothing moves. */
export class Painter {
  private readonly dirty = new Set<Painted>();
  private readonly moving = new Set<Painted>();
  private readonly calm = matchMedia('(prefers-reduced-motion: reduce)');
  private frame = 0;
  private movedAt = 0;

  touch(painted: Painted): void {
    this.dirty.add(painted);
    this.frame ||= requestAnimationFrame(at => this.run(at));
  }

  forget(painted: Painted): void {
    this.dirty.delete(painted);
    this.moving.delete(painted);
  }

  private run(at: number): void {
    this.frame = 0;
    if (!this.calm.matches || at - this.movedAt >= stillMs) {
      this.movedAt = at;
      for (const painted of this.moving) this.dirty.add(painted);
    }
    for (const painted of this.dirty)
      if (painted.paint()) this.moving.add(painted);
      else this.moving.delete(painted);
    this.dirty.clear();
    if (this.moving.size > 0) this.frame = requestAnimationFrame(next => this.run(next));
  }
}

export const painter = new Painter();

export type Colours = Record<Part | 'cached' | 'failed' | 'ink' | 'faint', string>;

let colours: Colours | null = null;

/** The theme's colours for canvases, read once a theme. */
export function coloursNow(): Colours {
  if (colours) return colours;
  const style = getComputedStyle(document.documentElement);
  const read = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return (colours = {
    queued: read('queued'),
    prefill: read('prefill'),
    decode: read('decode'),
    cached: read('cached'),
    failed: read('failed'),
    ink: read('ink'),
    faint: read('line'),
  });
}

export const forgetColours = (): void => {
  colours = null;
};

/** Draws bars: above how their time went, below how much of their input was cached. */
export function drawBars(
  context: CanvasRenderingContext2D,
  bars: Bar[],
  height: number,
  chosen: string | undefined,
  palette: Colours,
): void {
  const [top, thick] = [5, height - 15];
  for (const bar of bars) {
    const scale = bar.totalMs > 0 ? bar.width / bar.totalMs : 0;
    if (bar.segments.length === 0) rectangle(context, palette.faint, bar.x, top, bar.width, thick);
    for (const { part, from, to } of bar.segments)
      rectangle(context, bar.isFailed ? palette.failed : palette[part], bar.x + from * scale, top, Math.max(1, (to - from) * scale), thick);
    const input = bar.cached + bar.computed;
    if (input > 0) {
      const cached = (bar.cached / input) * bar.width;
      rectangle(context, palette.cached, bar.x, height - 7, cached, 3);
      rectangle(context, palette.prefill, bar.x + cached, height - 7, bar.width - cached, 3);
    }
    if (bar.isRunning) rectangle(context, palette.ink, bar.x + bar.width - 1.5, top - 2, 1.5, thick + 4);
    if (bar.id === chosen) outline(context, palette.ink, bar.x - 0.75, 2, bar.width + 1.5, height - 3);
  }
}

/** Lines that cut the axis of time into so many equal parts. */
export function drawTicks(context: CanvasRenderingContext2D, width: number, height: number, parts: number, palette: Colours): void {
  for (let at = 1; at < parts; at++) rectangle(context, palette.faint, Math.round((width * at) / parts), 0, 1, height);
}

function rectangle(context: CanvasRenderingContext2D, colour: string, x: number, y: number, width: number, height: number): void {
  context.fillStyle = colour;
  context.fillRect(x, y, width, height);
}

function outline(context: CanvasRenderingContext2D, colour: string, x: number, y: number, width: number, height: number): void {
  context.strokeStyle = colour;
  context.lineWidth = 1.5;
  context.strokeRect(x, y, width, height);
}
