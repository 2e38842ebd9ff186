const sentences: Record<string, string> = {
  model_changed: 'The request names another model than the response that it continues.',
  tools_changed: 'The tools are not those of the response that it continues: the prompt differs from its start.',
  reasoning_effort_changed: 'The reasoning effort changed, and the template writes it into the prompt.',
  chat_template_kwargs_changed: 'The variables of the template (chat_template_kwargs) changed, and it writes them into the prompt.',
  instructions_changed: 'The instructions are others than those of what was computed before.',
  input_changed: 'An earlier item is another than the one that was computed before.',
  history_rewritten: "The items are the same, but the model's template writes them in another way now.",
  context_truncated: 'The context was too long: its oldest items were left out.',
  context_edited: 'Old results or thoughts were cleared, as the client asked.',
  context_compacted: 'It is the first turn behind a compaction.',
  model_unloaded: 'Its model was unloaded meanwhile, and its state with it.',
  state_evicted: 'The state of its parent was given up to make room.',
  chain_taken_over: 'Its state was at another node, from which the conversation was taken over.',
  moved: 'It went to another destination than the response that it continues.',
  upstream_keeps_no_state: 'The upstream keeps no state between turns.',
  socket_rotated: 'The upstream connection that held the state reached its age and was replaced.',
  socket_gone: 'The upstream connection that held the state is closed.',
};

/** What went wrong at the upstream with the attempt before, by the words of the request log. */
const faults = [
  'connect_failed',
  'previous_response_not_found',
  'connection_limit',
  'connection_lost',
  'silence',
  'server_error',
  'rate_limited',
  'unauthorized',
  'model_not_found',
  'refused',
  'malformed',
  'event_too_large',
  'no_room',
];

/** Why a turn was cold, as a sentence where there is one. */
export const missSentence = (miss: string): string =>
  sentences[miss] ?? (faults.includes(miss) ? `The upstream failed before: ${words(miss)}.` : '');

/** rate_limited → rate limited. */
export const words = (name: string): string => name.replaceAll('_', ' ');

const places: Record<string, string> = {
  stream: 'stream',
  memory: 'memory',
  disk: 'disk',
  upstream: 'upstream',
  tokens: 'tokens',
  none: 'none',
};
const placeSentences: Record<string, string> = {
  stream: 'Its KV cells are in a stream of the engine: the next turn computes only what is new.',
  memory: 'Its KV is parked in memory and copied back for the next turn.',
  disk: 'Its KV is parked on disk and read back for the next turn.',
  upstream: 'The upstream keeps it: its account is asked again first.',
  tokens: 'Its tokens are kept, its KV is not: the next turn computes it again.',
  none: 'Nothing is kept: the next turn computes the whole context.',
};

export const placeName = (kv: string): string => places[kv] ?? kv;
export const placeSentence = (kv: string): string => placeSentences[kv] ?? '';
