// The openai SDK's stored chat completions: their life. Between the two runs the server is started again.
import assert from 'node:assert/strict';
import OpenAI from 'openai';

const client = new OpenAI({ baseURL: process.env.BASE_URL, apiKey: 'none', maxRetries: 0 });
const [, , step, known] = process.argv;
const ask = (text, rest) => client.chat.completions.create({ model: 'm', messages: [{ role: 'user', content: text }], ...rest });
const ids = async (query) => {
  const found = [];
  for await (const completion of client.chat.completions.list(query)) found.push(completion.id);
  return found;
};

async function begin() {
  const made = [];
  for (const n of ['0', '1', '2']) made.push(await ask(`[[final=answer ${n}]] question`, { store: true, metadata: { n } }));
  await ask('not to be kept');
  const read = await client.chat.completions.retrieve(made[1].id);
  assert.deepEqual({ ...read, metadata: undefined }, { ...made[1], metadata: undefined });
  assert.deepEqual(read.metadata, { n: '1' });
  console.log(`ok completions ${made.map((one) => one.id).join(',')}`);
}

async function goOn(made) {
  assert.deepEqual(await ids({ limit: 2 }), made);
  assert.deepEqual(await ids({ order: 'desc', limit: 1 }), [...made].reverse());
  assert.deepEqual(await ids({ metadata: { n: '2' } }), [made[2]]);
  const changed = await client.chat.completions.update(made[1], { metadata: { n: '2' } });
  assert.deepEqual(changed.metadata, { n: '2' });
  assert.equal(changed.choices[0].message.content, 'answer 1');
  assert.deepEqual(await ids({ metadata: { n: '2' } }), [made[1], made[2]]);
  const messages = [];
  for await (const message of client.chat.completions.messages.list(made[1])) messages.push(message);
  assert.deepEqual(messages.map((message) => [message.role, message.content]), [['user', '[[final=answer 1]] question']]);
  assert.equal(typeof messages[0].id, 'string');
  assert.deepEqual(await client.chat.completions.delete(made[1]),
    { object: 'chat.completion.deleted', id: made[1], deleted: true });
  await assert.rejects(client.chat.completions.retrieve(made[1]), (error) => error.status === 404);
  assert.deepEqual(await ids(), [made[0], made[2]]);
  console.log('ok gone on');
}

await (step === 'begin' ? begin() : goOn(known.split(',')));
