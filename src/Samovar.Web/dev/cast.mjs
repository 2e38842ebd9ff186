// Who plays in the simulation: clients, models, tenants, pools.

export const clients = ['codex-cli/0.98.0', 'claude-code/2.3.1', 'samovar-agent/0.1.0', 'openai-node/7.55.0', 'opencode/1.9.2', null];
export const laneNames = ['research', 'tests', 'review', 'docs'];
export const models = ['qwen3-coder-30b', 'gpt-oss-120b'];
export const misses = ['tools_changed', 'state_evicted', 'context_compacted', 'input_changed', 'moved', 'socket_rotated'];
export const prefixTokens = [11_842, 9_214, 3_180, 2_066, 740];
export const tenants = ['payments', 'search', 'mobile', 'platform'];

/** Models of one server in several states. */
export function servedModels() {
  const one = (name, state, more) => ({
    name,
    state,
    bytes: 0,
    streams: 0,
    streams_busy: 0,
    uses: 0,
    waiting: 0,
    kv_tokens: 0,
    kv_tokens_max: 0,
    parked_bytes: 0,
    parked_bytes_max: 0,
    input_tokens: 0,
    cached_tokens: 0,
    output_tokens: 0,
    loads: 0,
    ...more,
  });
  const loaded = one(models[0], 'loaded', {
    bytes: 21.4e9,
    streams: 8,
    streams_busy: 3,
    uses: 3,
    kv_tokens: 118_400,
    kv_tokens_max: 262_144,
    parked_bytes: 1.1e9,
    parked_bytes_max: 2.1e9,
    input_tokens: 61e6,
    cached_tokens: 57e6,
    output_tokens: 412_000,
    loads: 1,
    load_ms: 8420,
  });
  const waits = one(models[1], 'loading', { bytes: 63e9, waiting: 2, loads: 1, load_ms: 41_000 });
  return { [loaded.name]: loaded, [waits.name]: waits };
}

/** Pools with destinations in several states. */
export function pools() {
  const one = (name, kind, more) => ({
    name,
    kind,
    in_flight: 0,
    in_flight_max: 16,
    attempts: 0,
    faults: 0,
    input_tokens: 0,
    cached_tokens: 0,
    ...more,
  });
  const coding = {
    name: 'coding',
    waiting: 3,
    waiting_max: 256,
    destinations: [
      one('account-1', 'openai responses, websocket', {
        in_flight: 11,
        first_output_ms: 412,
        attempts: 8421,
        faults: 12,
        input_tokens: 214e6,
        cached_tokens: 205e6,
      }),
      one('account-2', 'openai responses, websocket', {
        refusal: 'rate_limited',
        retry_after_seconds: 42,
        last_fault: 'rate_limited',
        first_output_ms: 655,
        attempts: 6120,
        faults: 231,
        input_tokens: 151e6,
        cached_tokens: 139e6,
      }),
      one('account-3', 'openai responses, http', {
        in_flight: 4,
        first_output_ms: 498,
        attempts: 2077,
        faults: 3,
        input_tokens: 61e6,
        cached_tokens: 58e6,
      }),
    ],
  };
  const review = {
    name: 'review',
    waiting: 0,
    waiting_max: 64,
    destinations: [
      one('anthropic', 'anthropic messages', {
        in_flight: 2,
        in_flight_max: 8,
        first_output_ms: 730,
        attempts: 911,
        faults: 1,
        input_tokens: 30e6,
        cached_tokens: 27e6,
      }),
      one('spare', 'chat completions', {
        refusal: 'breaker_open',
        retry_after_seconds: 8,
        last_fault: 'connect_failed',
        in_flight_max: 8,
        attempts: 40,
        faults: 9,
        input_tokens: 1e6,
        cached_tokens: 0,
      }),
    ],
  };
  return { coding, review };
}
