// The openai SDK over Chat Completions: a tool loop whole, the same loop streamed, and errors as the SDK types them.
import assert from 'node:assert/strict';
import OpenAI from 'openai';

const client = new OpenAI({ baseURL: process.env.BASE_URL, apiKey: 'none', maxRetries: 0 });
const tools = [{ type: 'function', function: { name: 'exec', parameters: { type: 'object', properties: { cmd: { type: 'string' } } } } }];
const ask = (messages) => ({ model: 'm', temperature: 0, tools, messages });

/** Runs the loop; `answer` turns messages into one completion. */
async function loop(answer) {
  const messages = [{ role: 'system', content: 'Obey.' }, { role: 'user', content: 'do it' }];
  let cached = 0;
  for (let step = 1; step < 10; step++) {
    const completion = await answer(messages);
    const { message, finish_reason: reason } = completion.choices[0];
    const { prompt_tokens: prompt, prompt_tokens_details: details } = completion.usage;
    assert.ok(details.cached_tokens >= cached, `step ${step}: cached ${details.cached_tokens}, the step before had ${cached} tokens`);
    cached = prompt;
    messages.push(message);
    if (!message.tool_calls) {
      assert.equal(reason, 'stop');
      return { step, text: message.content };
    }
    assert.equal(reason, 'tool_calls');
    for (const call of message.tool_calls) {
      assert.equal(JSON.parse(call.function.arguments).cmd, 'next');
      messages.push({ role: 'tool', tool_call_id: call.id, content: `step-${step}` });
    }
  }
  throw new Error('the loop does not end');
}

const whole = await loop((messages) => client.chat.completions.create(ask(messages)));
let deltas = 0;
const streamed = await loop(async (messages) => {
  const stream = client.chat.completions.stream({ ...ask(messages), stream_options: { include_usage: true } });
  stream.on('chunk', () => deltas++);
  return await stream.finalChatCompletion();
});
assert.deepEqual(streamed, whole);
assert.ok(deltas > 4 * whole.step, `${deltas} chunks in ${whole.step} turns`);

await assert.rejects(client.chat.completions.create({ ...ask([{ role: 'user', content: 'x' }]), n: 2 }),
  (error) => error instanceof OpenAI.BadRequestError && error.param === 'n' && error.requestID.startsWith('req_'));
console.log(`ok chat ${whole.step} ${whole.text}`);
