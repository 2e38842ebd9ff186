// The openai SDK's own socket: a running response is steered, its successor comes by itself; a call waits while the chain goes on.
import assert from 'node:assert/strict';
import OpenAI from 'openai';
import { ResponsesWS } from 'openai/resources/responses/ws';

const client = new OpenAI({ baseURL: process.env.BASE_URL, apiKey: 'none', maxRetries: 0 });
const ws = new ResponsesWS(client);
const seen = [];
let wake = () => {};
ws.on('event', (e) => { seen.push(e); wake(); });
ws.on('error', (e) => { if (!e.error) throw e; }); // the API's own errors come as events, too

/** The next event that fits; all before it are passed over. */
async function until(fits) {
  for (;;) {
    while (seen.length > 0) {
      const e = seen.shift();
      if (fits(e)) return e;
    }
    await new Promise((resolve) => { wake = resolve; });
  }
}
const ofType = (type) => (e) => e.type === type;
const text = (response) => response.output.flatMap((item) => item.content ?? []).map((part) => part.text).join('');

const frame = { type: 'response.create', model: 'm', store: false };
ws.send({ ...frame, input: 'wait [[final=LATE]]' });
const { response } = await until(ofType('response.created'));
ws.send({ type: 'response.steer', previous_response_id: response.id, input: [{ role: 'user', content: '[[final=STEERED]]' }] });
const accepted = await until(ofType('response.steer.accepted'));
assert.equal(accepted.steer.previous_response_id, response.id);
assert.match(accepted.steer.id, /^steer_[0-9a-f]{32}$/);
const first = await until(ofType('response.incomplete'));
assert.equal(first.response.incomplete_details.reason, 'steered');
assert.ok(accepted.sequence_number < first.sequence_number);
const successor = await until(ofType('response.created'));
assert.equal(successor.response.previous_response_id, response.id);
assert.equal(text((await until(ofType('response.completed'))).response), 'STEERED');

ws.send({ type: 'response.steer', previous_response_id: response.id, input: 'too late' });
const failed = await until(ofType('response.steer.failed'));
assert.equal(failed.error.code, 'response_already_completed');
assert.deepEqual([failed.error.type, failed.steer.input, typeof failed.sequence_number], ['invalid_request_error', 'too late', 'number']);

const tools = [{ type: 'function', name: 'exec', parameters: { type: 'object', properties: {} }, strict: false, async: true }];
ws.send({ ...frame, input: '[[steps=1]]', tools });
const asked = (await until(ofType('response.completed'))).response;
const call = asked.output.find((item) => item.type === 'function_call');
assert.deepEqual([call.async, asked.tools[0].async], [true, true]);
ws.send({ ...frame, input: '[[final=MEANWHILE]]', tools, previous_response_id: asked.id });
const meanwhile = (await until(ofType('response.completed'))).response;
assert.equal(text(meanwhile), 'MEANWHILE');
const output = [{ type: 'function_call_output', call_id: call.call_id, output: 'done' }];
ws.send({ ...frame, input: output, tools, previous_response_id: meanwhile.id });
const late = (await until(ofType('response.completed'))).response;
ws.send({ ...frame, input: output, tools, previous_response_id: late.id });
assert.equal((await until(ofType('error'))).status, 400);
ws.close();
console.log('ok steer');
