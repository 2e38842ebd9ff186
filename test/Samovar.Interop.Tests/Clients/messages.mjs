// Anthropic's SDK over Messages: a tool loop whole, the same loop streamed, and errors as the SDK types them.
import assert from 'node:assert/strict';
import Anthropic from '@anthropic-ai/sdk';

const client = new Anthropic({ baseURL: process.env.BASE_URL, apiKey: 'none', maxRetries: 0 });
const tools = [{ name: 'exec', input_schema: { type: 'object', properties: { cmd: { type: 'string' } } } }];
const ask = (messages) => ({
  model: 'm', max_tokens: 200, temperature: 0, tools, messages,
  system: [{ type: 'text', text: 'Obey.', cache_control: { type: 'ephemeral' } }],
});

/** Runs the loop; `answer` turns messages into one message. */
async function loop(answer) {
  const messages = [{ role: 'user', content: 'do it' }];
  let cached = 0;
  for (let step = 1; step < 10; step++) {
    const message = await answer(messages);
    const { input_tokens: fresh, cache_read_input_tokens: read } = message.usage;
    assert.ok(read >= cached, `step ${step}: cached ${read}, the step before had ${cached} tokens`);
    cached = fresh + read;
    messages.push({ role: 'assistant', content: message.content });
    const calls = message.content.filter((block) => block.type === 'tool_use');
    if (calls.length === 0) {
      assert.equal(message.stop_reason, 'end_turn');
      return { step, text: message.content.map((block) => block.text).join('') };
    }
    assert.equal(message.stop_reason, 'tool_use');
    for (const call of calls) assert.equal(call.input.cmd, 'next');
    messages.push({
      role: 'user',
      content: calls.map((call) => ({ type: 'tool_result', tool_use_id: call.id, content: `step-${step}` })),
    });
  }
  throw new Error('the loop does not end');
}

const whole = await loop((messages) => client.messages.create(ask(messages)));
let deltas = 0;
const streamed = await loop(async (messages) => {
  const stream = client.messages.stream(ask(messages));
  stream.on('streamEvent', (event) => { if (event.type === 'content_block_delta') deltas++; });
  return await stream.finalMessage();
});
assert.deepEqual(streamed, whole);
assert.ok(deltas > 2 * whole.step, `${deltas} deltas in ${whole.step} turns`);

await assert.rejects(client.messages.create({ ...ask([{ role: 'user', content: [{ type: 'nothing' }] }]) }),
  (error) => error instanceof Anthropic.BadRequestError && error.type === 'invalid_request_error'
    && error.error.error.param === 'messages.0.content.0.type' && error.requestID.startsWith('req_'));
console.log(`ok messages ${whole.step} ${whole.text}`);
