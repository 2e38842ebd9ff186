import { useEffect, useReducer, useRef, useState } from 'preact/hooks';
import type { Live } from '../state/live.ts';

/** Renders again whenever something changed, once a frame. */
export function useLive(live: Live): void {
  const [, render] = useReducer((count: number) => count + 1, 0);
  const drawn = live.changes;
  useEffect(() => {
    const stop = live.subscribe(() => render(undefined as never));
    if (live.changes !== drawn) render(undefined as never); // an effect may run after the frame that nobody listened to
    return stop;
  }, [live]);
}

/** Whether a media query holds. */
export function useMedia(query: string): boolean {
  const [media] = useState(() => matchMedia(query));
  const [holds, setHolds] = useState(media.matches);
  useEffect(() => {
    const changed = () => setHolds(media.matches);
    media.addEventListener('change', changed);
    return () => media.removeEventListener('change', changed);
  }, [media]);
  return holds;
}

/** An element's size, without asking for a layout. */
export function useSize<T extends Element>() {
  const ref = useRef<T>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  useEffect(() => {
    const observer = new ResizeObserver(entries => {
      const box = entries[0]!.contentRect;
      setSize({ width: box.width, height: box.height });
    });
    observer.observe(ref.current!);
    return () => observer.disconnect();
  }, []);
  return { ref, size };
}

/** Renders again every so often, for ages and countdowns. */
export function useTick(ms: number): void {
  const [, render] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) render(undefined as never);
    }, ms);
    return () => clearInterval(timer);
  }, [ms]);
}
