// The page of a real server while a real agent works: what it shows is what /metrics and the status say. Says "ok real", or why not.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { openBrowser, PATIENCE } from './browser.mjs';

const { BASE_URL: address, AGENT: agent } = process.env;
const plain = text => text.replaceAll('\u202f', ' ');
const whole = value => value.toLocaleString('en-US');
const status = async () => (await fetch(`${address}v1/samovar/status`)).json();

/** The sum of a metric's series that have these labels. */
async function metric(name, labels) {
  const lines = (await (await fetch(`${address}metrics`)).text())
    .split('\n')
    .filter(line => line.startsWith(`${name}{`) && line.includes(labels));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

function work() {
  const [program, ...given] = JSON.parse(agent);
  const child = spawn(program, given, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', piece => (said += piece));
  return new Promise((resolve, reject) =>
    child
      .once('error', reject)
      .once('exit', code => (code === 0 ? resolve(said) : reject(new Error(`The agent ended with ${code}: ${said}`)))),
  );
}

const browser = await openBrowser();
const complaints = [];
try {
  const page = await (await browser.newContext({ viewport: { width: 1600, height: 900 } })).newPage();
  page.on('console', message => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', error => complaints.push(error.stack));
  page.setDefaultTimeout(PATIENCE);
  await page.goto(address);
  await page.getByText('No session yet').waitFor();
  // Its turns may be shorter than the page's interval; an agent that fails says why before the row is missed.
  await Promise.all([work(), page.locator('.row.lane').first().waitFor()]);

  const { turns, requests } = await status();
  assert.ok(turns.ended > 1, 'the agent made one turn only');
  await page.waitForFunction(
    wanted => document.querySelector('#figure-sessions').innerText.includes(wanted),
    `${whole(turns.ended)} turns`,
  );
  await page.locator('#figure-sessions .ink-decode', { hasText: /^0$/ }).waitFor();
  const text = async id => plain(await page.locator(`#figure-${id}`).innerText());
  const computed = turns.input_tokens - turns.cached_tokens;
  assert.ok((await text('output')).includes(`${whole(turns.output_tokens)} tokens in all`), await text('output'));
  assert.ok((await text('cached')).includes(`${whole(computed)} of ${whole(turns.input_tokens)} computed`), await text('cached'));
  assert.equal(await metric('samovar_turns_tokens_total', 'samovar_token_kind="output"'), turns.output_tokens);
  assert.equal(await metric('samovar_turns_tokens_total', 'samovar_token_kind="new"'), computed);
  assert.equal(await metric('samovar_turns_tokens_total', 'samovar_token_kind="cached"'), turns.cached_tokens);
  const sent = parseFloat(await page.locator('#figure-sent strong').innerText()) * ((await text('sent')).includes('kB') ? 1000 : 1);
  const bytes = await metric('samovar_turns_bytes_total', 'samovar_direction="in"');
  assert.ok(Math.abs(sent - bytes) <= bytes * 0.006, `${sent} bytes are shown, and metrics say ${bytes}`);

  await page.keyboard.press('2');
  await page.getByRole('grid', { name: 'Newest turns' }).waitFor();
  for (const request of requests.slice(0, 10)) {
    const cells = await page.locator(`[data-turn="${request.response}"] [role=gridcell]`).allInnerTexts();
    assert.equal(cells[2], request.outcome);
    assert.deepEqual(cells.slice(6, 9), [request.input_tokens, request.cached_tokens, request.output_tokens].map(whole));
  }
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.locator('.tree [aria-selected=true]').waitFor();
  assert.equal(await page.locator('.tree [role=treeitem]').count(), turns.ended);
  assert.deepEqual(complaints, []);
  console.log('ok real');
} catch (error) {
  console.error(error, complaints);
  process.exitCode = 1;
} finally {
  await browser.close();
}
process.exit();
