// Every answer about stored state, checked by TypeScript against the types that the openai SDK publishes: nothing that they require is
// missing, and nothing is of another type.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import OpenAI from 'openai';
import ts from 'typescript';

const client = new OpenAI({ baseURL: process.env.BASE_URL, apiKey: 'none', maxRetries: 0 });
const checks = [];
const check = (type, answer) => checks.push(`const v${checks.length}: ${type} = as(${JSON.stringify(answer)});`);

// The SDK puts the text there; null for what is not there yet is the public service's way, though the types leave it out.
const whole = ({ user, usage, ...response }) => ({ output_text: '', ...response, user: user ?? undefined, usage: usage ?? undefined });

const tools = [{ type: 'function', name: 'exec', parameters: { type: 'object', properties: { cmd: { type: 'string' } } } }];
const spoken = [
  { role: 'developer', content: 'Obey.' }, { role: 'user', content: [{ type: 'input_text', text: 'go' }] }, { role: 'assistant', content: 'I do.' },
  { type: 'function_call', call_id: 'call_1', name: 'exec', arguments: '{}' }, { type: 'function_call_output', call_id: 'call_1', output: 'done' },
  { type: 'custom_tool_call', call_id: 'call_2', name: 'sh', input: 'ls' },
  { type: 'custom_tool_call_output', call_id: 'call_2', output: [{ type: 'input_text', text: 'done' }] },
  { type: 'reasoning', id: 'rs_1', summary: [] },
];

const made = await client.responses.create({
  model: 'm', tools, metadata: { topic: 'tea' }, input: [...spoken, { role: 'user', content: '[[final=x]] and now?' }],
});
const called = await client.responses.create({ model: 'm', tools, input: '[[steps=1]] do it' });
for (const response of [made, called, await client.responses.retrieve(made.id)]) check('R.Response', whole(response));
for await (const item of client.responses.inputItems.list(made.id, { limit: 2 })) check('R.ResponseItem', item);
const window = await client.responses.compact({ model: 'm', previous_response_id: made.id });
assert.equal(window.output.at(-1).type, 'compaction');
check('R.CompactedResponse', { ...window, output: window.output.slice(-1) });
for (const item of window.output) check('R.ResponseItem', item);

const begun = await client.responses.create({ model: 'm', input: '[[final=held]]', background: true });
for (const response of [begun, await client.responses.cancel(begun.id)]) check('R.Response', whole(response));
const stream = await client.responses.create({ model: 'm', input: '[[final=one two]]', background: true, stream: true });
for await (const event of stream) check('R.ResponseStreamEvent', event.response ? { ...event, response: whole(event.response) } : event);

const conversation = await client.conversations.create({ metadata: { topic: 'tea' } });
check('C.Conversation', conversation);
const added = await client.conversations.items.create(conversation.id, { items: spoken });
check('I.ConversationItemList', added);
const inIt = await client.responses.create({ model: 'm', input: '[[final=x]]', conversation: conversation.id });
check('R.Response', whole(inIt));
for await (const item of client.conversations.items.list(conversation.id, { limit: 3 })) check('I.ConversationItem', item);
check('I.ConversationItem', await client.conversations.items.retrieve('rs_1', { conversation_id: conversation.id }));
check('C.Conversation', await client.conversations.items.delete('rs_1', { conversation_id: conversation.id }));
check('C.Conversation', await client.conversations.update(conversation.id, { metadata: null }));
check('C.ConversationDeletedResource', await client.conversations.delete(conversation.id));

const completion = await client.chat.completions.create({ model: 'm', store: true, messages: [{ role: 'user', content: '[[final=x]]' }] });
for (const one of [completion, await client.chat.completions.retrieve(completion.id)]) check('K.ChatCompletion', one);
for await (const one of client.chat.completions.list()) check('K.ChatCompletion', one);
for await (const message of client.chat.completions.messages.list(completion.id)) check('Message', message);
check('K.ChatCompletionDeleted', await client.chat.completions.delete(completion.id));

const file = `answers-${process.pid}.ts`;
fs.writeFileSync(file, `
import * as R from 'openai/resources/responses/responses';
import * as C from 'openai/resources/conversations/conversations';
import * as I from 'openai/resources/conversations/items';
import * as K from 'openai/resources/chat/completions/completions';
type Message = Omit<K.ChatCompletionStoreMessage, 'role'> & { role: string };
type Changeable<T> = T extends object ? { -readonly [K in keyof T]: Changeable<T[K]> } : T;
declare function as<const T>(answer: T): Changeable<T>; // a variable's type may have more fields than are asked for, a literal's may not
${checks.join('\n')}
`);
try {
  const program = ts.createProgram([file], {
    noEmit: true, strict: true, skipLibCheck: true, types: [], target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext,
  });
  const faults = ts.getPreEmitDiagnostics(program).map((fault) => {
    const { line, character } = fault.file?.getLineAndCharacterOfPosition(fault.start) ?? {};
    const text = line === undefined ? '' : fault.file.text.split('\n')[line];
    return `${ts.flattenDiagnosticMessageText(fault.messageText, '\n')}\n  ${text.slice(0, 60)} … ${text.slice(character, character + 200)}`;
  });
  assert.deepEqual(faults, []);
} finally {
  fs.rmSync(file);
}
console.log(`ok types ${checks.length}`);
