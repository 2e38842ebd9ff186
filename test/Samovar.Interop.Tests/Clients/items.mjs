// The openai SDK lists what a response was made from: input written as short as the API allows comes back as the SDK's types have it.
import assert from 'node:assert/strict';
import OpenAI from 'openai';

const client = new OpenAI({ baseURL: process.env.BASE_URL, apiKey: 'none', maxRetries: 0 });
const response = await client.responses.create({
  model: 'm', store: true,
  input: [
    { role: 'developer', content: 'Obey.' },
    { role: 'user', content: [{ type: 'input_text', text: '[[final=x]] do it' }] },
    { role: 'assistant', content: 'I do.' },
    { type: 'function_call', call_id: 'call_1', name: 'exec', arguments: '{"cmd":"next"}' },
    { type: 'function_call_output', call_id: 'call_1', output: 'done' },
    { role: 'user', content: 'and now?' },
  ],
});

const ids = new Set();
const said = [];
for await (const item of client.responses.inputItems.list(response.id, { order: 'asc', limit: 2 })) { // in pages
  assert.equal(typeof item.id, 'string');
  assert.ok(!ids.has(item.id), `${item.id} came twice`);
  ids.add(item.id);
  assert.equal(item.status, 'completed');
  switch (item.type) {
    case 'message':
      for (const part of item.content) {
        assert.equal(part.type, item.role === 'assistant' ? 'output_text' : 'input_text');
        if (part.type === 'output_text') assert.deepEqual(part.annotations, []);
        said.push(`${item.role}: ${part.text}`);
      }
      break;
    case 'function_call': said.push(`${item.name} ${item.arguments}`); break;
    case 'function_call_output': said.push(item.output); break;
    default: assert.fail(`an item of type '${item.type}'`);
  }
}
assert.deepEqual(said,
  ['developer: Obey.', 'user: [[final=x]] do it', 'assistant: I do.', 'exec {"cmd":"next"}', 'done', 'user: and now?']);
console.log(`ok items ${said.length}`);
