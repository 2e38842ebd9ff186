// The openai SDK leaves its turns to the server: polls them, reads their streams again from where it was, cancels them.
import assert from 'node:assert/strict';
import OpenAI from 'openai';

const client = new OpenAI({ baseURL: process.env.BASE_URL, apiKey: 'none', maxRetries: 0 });
const running = (response) => response.status === 'queued' || response.status === 'in_progress';

async function ended(id) {
  for (;;) {
    const response = await client.responses.retrieve(id);
    if (!running(response)) return response;
  }
}

// created, polled
const polled = await client.responses.create({ model: 'm', input: '[[final=tea is ready]]', background: true });
assert.equal(polled.status, 'queued');
assert.equal(polled.background, true);
const done = await ended(polled.id);
assert.equal(done.status, 'completed');
assert.equal(done.output_text, 'tea is ready');

// streamed, left after a few events, and read on from there
const seen = [];
const stream = await client.responses.create({ model: 'm', input: '[[final=one two three four]]', background: true, stream: true });
for await (const event of stream) {
  seen.push(event);
  if (seen.length === 6) break; // ends the connection
}
const id = seen[0].response.id;
assert.deepEqual(seen.slice(0, 3).map((event) => event.type), ['response.created', 'response.queued', 'response.in_progress']);
const rest = await client.responses.retrieve(id, { stream: true, starting_after: seen.at(-1).sequence_number });
for await (const event of rest) seen.push(event);
assert.deepEqual(seen.map((event) => event.sequence_number), seen.map((_, index) => index));
const text = seen.filter((event) => event.type === 'response.output_text.delta').map((event) => event.delta).join('');
assert.equal(text, 'one two three four');
assert.equal(seen.at(-1).type, 'response.completed');

// the SDK's own helper reads a whole one again
const again = client.responses.stream({ response_id: id, starting_after: 2 });
assert.equal((await again.finalResponse()).status, 'completed');

// cancelled, twice
const held = await client.responses.create({ model: 'm', input: '[[final=held]]', background: true });
for (let i = 0; i < 2; i++) {
  const cancelled = await client.responses.cancel(held.id);
  assert.equal(cancelled.status, 'cancelled');
  assert.deepEqual(cancelled.output, []);
}
await assert.rejects(client.responses.cancel(id), (error) => error.status === 400 && /Cannot cancel a completed response\./.test(error.message));
await assert.rejects(client.responses.create({ model: 'm', input: 'x', background: true, store: false }),
  (error) => error.status === 400 && error.param === 'background');
console.log('ok background', seen.length);
