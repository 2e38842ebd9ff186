import { useEffect, useState } from 'preact/hooks';

const dark = matchMedia('(prefers-color-scheme: dark)');

/** Canvases have no style sheet: who draws on one is told when the reader's scheme changes. */
export function useDark(): boolean {
  const [isDark, set] = useState(dark.matches);
  useEffect(() => {
    const changed = () => set(dark.matches);
    dark.addEventListener('change', changed);
    return () => dark.removeEventListener('change', changed);
  }, []);
  return isDark;
}

// Not told apart by colour alone: each line has dashes of its own.
const looks: Record<string, { light: string; dark: string; dash: number[] }> = {
  'http-direct': { light: '#64748b', dark: '#94a3b8', dash: [2, 3] },
  'http-stored-direct': { light: '#64748b', dark: '#94a3b8', dash: [8, 4, 2, 4] },
  'ws-direct': { light: '#475569', dark: '#cbd5e1', dash: [1, 4] },
  'http-whole': { light: '#c2410c', dark: '#fb923c', dash: [] },
  'http-ahead': { light: '#9a3412', dark: '#fdba74', dash: [5, 5] },
  'http-stored': { light: '#6d28d9', dark: '#a78bfa', dash: [8, 4] },
  'ws': { light: '#1d4ed8', dark: '#60a5fa', dash: [] },
  'ws-ahead': { light: '#1e3a8a', dark: '#93c5fd', dash: [5, 5] },
  'ws-stored': { light: '#0e7490', dark: '#22d3ee', dash: [6, 3] },
  'ws-bare': { light: '#047857', dark: '#34d399', dash: [10, 3, 2, 3] },
  'ws-deflate': { light: '#be185d', dark: '#f472b6', dash: [4, 2] },
  'ws-bare-deflate': { light: '#3f6212', dark: '#a3e635', dash: [4, 2, 1, 2] },
  'chat-whole': { light: '#78350f', dark: '#fde047', dash: [3, 5] },
};

export function look(transport: string, isDark: boolean): { color: string; dash: number[] } {
  const found = looks[transport] ?? { light: '#334155', dark: '#cbd5e1', dash: [] };
  return { color: isDark ? found.dark : found.light, dash: found.dash };
}

export const partColors: Record<string, { light: string; dark: string }> = {
  link: { light: '#1d4ed8', dark: '#60a5fa' }, queue: { light: '#a16207', dark: '#facc15' }, render: { light: '#6d28d9', dark: '#a78bfa' },
  prefill: { light: '#c2410c', dark: '#fb923c' }, decode: { light: '#047857', dark: '#34d399' },
  remaining: { light: '#94a3b8', dark: '#64748b' },
};
