// The openai SDK as stateless agents use it: a tool loop that sends its whole history with every request, over Responses and over Chat
// Completions.
import assert from 'node:assert/strict';
import OpenAI from 'openai';

const client = new OpenAI({ baseURL: process.env.BASE_URL, apiKey: 'none', maxRetries: 0 });
const steps = Number(process.env.STEPS);
const prompt = `${'A long task. '.repeat(1500)} [[steps=${steps}]] [[think=enc]] [[final=LOOP AT ITS END]]`;
const parameters = { type: 'object', properties: { cmd: { type: 'string' } }, required: ['cmd'] };
const name = 'exec_command';

async function responses() {
  const tools = [{ type: 'function', name, parameters, strict: false }];
  const input = [{ role: 'user', content: prompt }];
  for (let turn = 0; turn <= steps; turn++) {
    const stream = await client.responses.create({
      model: 'm', input, tools, store: false, stream: true, include: ['reasoning.encrypted_content'],
    });
    let response;
    for await (const event of stream) if (event.type === 'response.completed') ({ response } = event);
    assert.equal(response.previous_response_id, null);
    const calls = response.output.filter((item) => item.type === 'function_call');
    input.push(...response.output, ...calls.map((call) => ({ type: 'function_call_output', call_id: call.call_id, output: `ran ${turn}` })));
    if (calls.length === 0) return response.output.at(-1).content[0].text;
  }
  throw new Error('the loop does not end');
}

async function chat() {
  const tools = [{ type: 'function', function: { name, parameters } }];
  const messages = [{ role: 'user', content: prompt }];
  for (let turn = 0; turn <= steps; turn++) {
    const { message } = (await client.chat.completions.create({ model: 'm', messages, tools })).choices[0];
    messages.push(message);
    if (!message.tool_calls) return message.content;
    for (const call of message.tool_calls) messages.push({ role: 'tool', tool_call_id: call.id, content: `ran ${turn}` });
  }
  throw new Error('the loop does not end');
}

assert.equal(await (process.env.API === 'chat' ? chat() : responses()), 'LOOP AT ITS END');
console.log('ok');
