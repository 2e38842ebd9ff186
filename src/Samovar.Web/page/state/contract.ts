// What the server sends, field by field as Page/PageState.cs has it. A field that is null there is absent here.

export interface PageServer {
  version: string;
  started_at: number;
  now: number;
  draining: boolean;
  tenant?: string;
  model?: string;
  streams: number;
  store: string;
}

export interface PageTotals {
  turns: number;
  failed: number;
  sessions_open: number;
  running: number;
  queued: number;
  bytes_up: number;
  bytes_down: number;
  bytes_stateless: number;
  input_tokens: number;
  cached_tokens: number;
  output_tokens: number;
  kv_tokens?: Record<string, number>;
}

export interface PageSession {
  id: string;
  tenant: string;
  transport: string;
  client?: string;
  opened_at: number;
  is_open: boolean;
}

export interface PageLane {
  id: string;
  session: string;
  name?: string;
  model?: string;
  turns: string[];
  kv: string;
  kv_at?: string;
  context_tokens: number;
  bytes_up: number;
  bytes_stateless: number;
}

export interface PageTurn {
  id: string;
  lane: string;
  parent?: string;
  conversation?: string;
  stage: string;
  at: number;
  queued_ms?: number;
  first_token_ms?: number;
  total_ms?: number;
  input_tokens: number;
  cached_tokens: number;
  prefill_tokens: number;
  prefilled_tokens: number;
  output_tokens: number;
  bytes_up: number;
  bytes_stateless: number;
  outcome?: string;
  error?: string;
  miss?: string;
  model?: string;
  destination?: string;
  affinity?: string;
  faults?: string[];
}

export interface PagePrefix {
  id: string;
  tokens: number;
  hits: number;
  users: string[];
  kv: string;
  warm?: string;
  name?: string;
}

export interface PageDestination {
  name: string;
  kind: string;
  in_flight: number;
  in_flight_max: number;
  refusal?: string;
  retry_after_seconds?: number;
  last_fault?: string;
  first_output_ms?: number;
  attempts: number;
  faults: number;
  input_tokens: number;
  cached_tokens: number;
}

export interface PagePool {
  name: string;
  waiting: number;
  waiting_max: number;
  destinations: PageDestination[];
}

export interface PageModel {
  name: string;
  state: string;
  bytes: number;
  streams: number;
  streams_busy: number;
  uses: number;
  waiting: number;
  kv_tokens: number;
  kv_tokens_max: number;
  parked_bytes: number;
  parked_bytes_max: number;
  input_tokens: number;
  cached_tokens: number;
  output_tokens: number;
  loads: number;
  load_ms?: number;
  fault?: string;
}

export interface Collections {
  sessions: PageSession;
  lanes: PageLane;
  turns: PageTurn;
  prefixes: PagePrefix;
  pools: PagePool;
  models: PageModel;
}

export type CollectionName = keyof Collections;
export const collectionNames: readonly CollectionName[] = ['sessions', 'lanes', 'turns', 'prefixes', 'pools', 'models'];

export type PageState = { seq: number; server: PageServer; totals: PageTotals } & {
  [name in CollectionName]: Record<string, Collections[name]>;
};

export type PageDelta = { seq: number; server?: PageServer; totals?: PageTotals; gone?: Partial<Record<CollectionName, string[]>> } & {
  [name in CollectionName]?: Record<string, Collections[name]>;
};
