// The openai SDK's conversations: their life, a response in one, their items in pages. Between the two runs the server is started again.
import assert from 'node:assert/strict';
import OpenAI from 'openai';

const client = new OpenAI({ baseURL: process.env.BASE_URL, apiKey: 'none', maxRetries: 0 });
const [, , step, known] = process.argv;
const all = async (id, query) => {
  const items = [];
  for await (const item of client.conversations.items.list(id, query)) items.push(item);
  return items;
};
const texts = (items) => items.map((item) => item.content?.[0]?.text ?? item.output);

async function begin() {
  const made = await client.conversations.create({
    metadata: { topic: 'tea' }, items: [{ type: 'message', role: 'user', content: 'I like tea.' }],
  });
  assert.match(made.id, /^conv_/);
  assert.equal(made.object, 'conversation');
  assert.deepEqual(made.metadata, { topic: 'tea' });
  assert.deepEqual(await client.conversations.retrieve(made.id), made);
  const changed = await client.conversations.update(made.id, { metadata: { topic: 'cake' } });
  assert.deepEqual(changed, { ...made, metadata: { topic: 'cake' } });

  const first = await client.responses.create({ model: 'm', input: '[[final=one]] first', conversation: made.id });
  assert.deepEqual(first.conversation, { id: made.id });
  const stream = await client.responses.create({
    model: 'm', input: '[[final=two]] second', conversation: { id: made.id }, stream: true,
  });
  for await (const event of stream) if (event.type === 'response.completed') assert.equal(event.response.output_text ?? 'two', 'two');
  await assert.rejects(
    client.responses.create({ model: 'm', input: 'x', conversation: made.id, previous_response_id: first.id }),
    (error) => error.status === 400 && error.param === 'conversation');

  const added = await client.conversations.items.create(made.id, {
    items: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'and cake' }] }],
  });
  assert.equal(added.object, 'list');
  assert.deepEqual([added.first_id, added.last_id, added.has_more], [added.data[0].id, added.data[0].id, false]);
  assert.deepEqual(await client.conversations.items.retrieve(added.data[0].id, { conversation_id: made.id }), added.data[0]);
  console.log(`ok conversation ${made.id}`);
}

async function goOn(id) {
  const items = await all(id, { order: 'asc', limit: 2 }); // in pages
  assert.deepEqual(texts(items), ['I like tea.', '[[final=one]] first', 'one', '[[final=two]] second', 'two', 'and cake']);
  assert.equal(new Set(items.map((item) => item.id)).size, items.length);
  for (const item of items) {
    assert.equal(item.type, 'message');
    assert.equal(item.status, 'completed');
  }
  assert.deepEqual(texts(await all(id)), texts(items).reverse());
  assert.equal((await client.conversations.items.delete(items[0].id, { conversation_id: id })).id, id);
  await client.responses.create({ model: 'm', input: '[[final=three]] third', conversation: id });
  assert.deepEqual(texts(await all(id, { order: 'asc' })),
    ['[[final=one]] first', 'one', '[[final=two]] second', 'two', 'and cake', '[[final=three]] third', 'three']);
  assert.deepEqual(await client.conversations.delete(id), { id, object: 'conversation.deleted', deleted: true });
  for (const ask of [() => client.conversations.retrieve(id), () => client.conversations.delete(id),
    () => client.responses.create({ model: 'm', input: 'x', conversation: id })])
    await assert.rejects(ask, (error) => error.status === 404);
  console.log('ok gone on');
}

await (step === 'begin' ? begin() : goOn(known));
