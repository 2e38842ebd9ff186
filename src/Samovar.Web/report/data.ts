// The report's JSON, schema 1. What was not measured is absent.
export interface Spread { median: number; least: number; most: number; count: number }
export interface Cell { workload: string; transport: string; backend: string; link: string }
export interface Turn {
  turn: number; bytes_up?: Spread; summed_up?: Spread; bytes_down?: Spread; first_token_ms?: Spread; total_ms?: Spread;
}
export type PartName = 'link' | 'queue' | 'render' | 'prefill' | 'decode' | 'remaining';
export interface CellFigures {
  cell: Cell; rounds: number; turns: number; errors: number; bytes_up?: Spread; bytes_down?: Spread; bytes_up_change?: Spread;
  first_turn_ms?: Spread; first_token_ms?: Spread; task_ms?: Spread; server_cpu_ms?: Spread; connections?: Spread;
  parts: Partial<Record<PartName, Spread>>; per_turn: Turn[];
}
export interface Claim {
  id: string; source: string; said: string; conditions: string; differences?: string; transport: string; against?: string;
  workloads: string[]; backend: string; link: string; unit: string; least?: number; most?: number;
}
export interface ClaimResult { claim: Claim; state: string; verdict: string; measured?: Spread; reason: string }
export interface SpectrumCell { published: string; measured: string }
export interface SpectrumRow {
  approach: string; transport: string; state: SpectrumCell; durability: SpectrumCell; latency: SpectrumCell; bandwidth: SpectrumCell;
}
export interface CapacityInput { key: string; name: string; unit: string; value?: number; spread?: Spread; source: string }
export interface Facts {
  command: string; started_at: string; version: string; processor: string; cores: number; memory_bytes: number; system: string;
  runtime: string; model?: string; library?: string; link_method?: string;
}
export interface Sample {
  cell: Cell; round: number; turn: number; first_token_ms?: number; total_ms: number; bytes_up: number; error?: string;
}
export interface Report {
  schema: number; facts: Facts; transports: Record<string, string>; cells: CellFigures[]; claims: ClaimResult[];
  spectrum: { conditions: string; rows: SpectrumRow[] }; capacity: { inputs: CapacityInput[] };
  values: { name: string; unit: string; spread?: Spread; conditions: string }[]; samples: Sample[];
}

export const report = JSON.parse(document.getElementById('data')!.textContent!) as Report;

const numbers = new Map<number, Intl.NumberFormat>();

export function show(value: number, digits = 0): string {
  let format = numbers.get(digits);
  if (!format) numbers.set(digits, format = new Intl.NumberFormat('en', {
    maximumFractionDigits: digits, minimumFractionDigits: digits, signDisplay: 'negative',
  }));
  return format.format(value);
}

/** A median and its spread as texts; a figure without a spread is a dash, one whose rounds say the same is alone. */
export function spreadParts(spread: Spread | undefined, digits = 0, factor = 1): [median: string, range?: string] {
  if (!spread || spread.count < 2) return ['–'];
  const [median, least, most] = [spread.median, spread.least, spread.most].map(value => show(value * factor, digits));
  return least === most ? [median!] : [median!, `${least}${spread.least < 0 ? ' to ' : '–'}${most}`];
}

export function spreadText(spread: Spread | undefined, digits = 0, factor = 1): string {
  const [median, range] = spreadParts(spread, digits, factor);
  return range === undefined ? median : `${median} (${range})`;
}
