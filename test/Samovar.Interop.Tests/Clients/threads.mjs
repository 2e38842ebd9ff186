// Anthropic's SDK keeping its conversations at the server: its tool runner, which does so by itself, a thread of its own, one whose
// server has lost it, and a compaction between two turns.
import assert from 'node:assert/strict';
import Anthropic from '@anthropic-ai/sdk';
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema';

const sent = [];
const client = new Anthropic({
  baseURL: process.env.BASE_URL, apiKey: 'none', maxRetries: 0,
  fetch: (url, options) => {
    sent.push(JSON.parse(options.body));
    return fetch(url, options);
  },
});

let steps = 0;
const tool = betaTool({
  name: 'exec', description: 'Runs a command.',
  inputSchema: { type: 'object', properties: { cmd: { type: 'string' } }, required: ['cmd'] },
  run: () => `step-${++steps}`,
});
const ask = { model: 'm', max_tokens: 200, temperature: 0, system: 'Obey.', tools: [tool] };
const said = (message) => message.content.filter((block) => block.type === 'text').map((block) => block.text).join('');

async function run(stream) {
  [steps, sent.length] = [0, 0];
  const last = await client.beta.messages.toolRunner({ ...ask, stream, messages: [{ role: 'user', content: 'do it' }] }).runUntilDone();
  assert.deepEqual(sent.map((body) => body.thread?.type), ['create', ...Array(sent.length - 1).fill('continue')]);
  for (const body of sent.slice(1)) assert.deepEqual([body.messages.length, body.system, body.tools], [1, undefined, undefined]);
  return said(last);
}

const whole = await run(false);
const turns = sent.length;
assert.equal(await run(true), whole);

sent.length = 0;
const thread = client.beta.messages.thread({ ...ask, tools: undefined });
await thread.send({ role: 'user', content: 'One.' });
await thread.send({ role: 'user', content: 'Two.' });
assert.deepEqual(sent.map((body) => body.messages.length), [1, 1]);
const { id } = await client.beta.messages.create({ ...ask, tools: [], messages: [{ role: 'user', content: 'x' }] });
await assert.rejects(client.beta.messages.create({
  model: 'm', max_tokens: 9, thread: { type: 'continue', previous_message_id: id }, messages: [{ role: 'user', content: 'y' }],
}), (error) => error.status === 400 && error.error.error.details.error_code === 'thread_not_found');

[steps, sent.length] = [0, 0];
const runner = client.beta.messages.toolRunner({ ...ask, messages: [{ role: 'user', content: 'do it' }] });
const reasons = [];
let last;
for await (const message of runner) {
  if (reasons.length === 0) runner.compactBeforeNextTurn();
  reasons.push(message.stop_reason);
  last = message;
}
assert.equal(reasons[1], 'compaction', reasons.join());
assert.equal(sent[2].messages[0].content[0].type, 'compaction');
assert.equal(last.stop_reason, 'end_turn');
console.log(`ok threads ${turns} ${whole}`);
