// The page of a benchmark's run, opened as a file as its reader does: `node report.mjs PAGE.html RUN.json`. Says "ok report", or why not.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { openBrowser, PATIENCE } from './browser.mjs';

const [file, json] = process.argv.slice(2);
const run = JSON.parse(readFileSync(json, 'utf8'));
const address = pathToFileURL(file).href;
const first = { workload: 'loop-20', backend: 'provider-65', link: 'wan' };
const linked = link => run.cells.filter(({ cell }) => cell.link === link);
const number = (value, digits) =>
  value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits, signDisplay: 'negative' });

/** As a table shows it: the median, and what the rounds spread over. */
function shown(spread, digits, factor = 1) {
  if (!spread || spread.count < 2) return '–';
  const [median, least, most] = [spread.median, spread.least, spread.most].map(value => number(value * factor, digits));
  return least === most ? median : `${median} (${least}${spread.least < 0 ? ' to ' : '–'}${most})`;
}

/** A page, and all that its browser complains of or asks for. */
async function open(context) {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 }, ...context })).newPage();
  page.setDefaultTimeout(PATIENCE);
  const complaints = [];
  page.on('console', message => complaints.push(message.text()));
  page.on('pageerror', error => complaints.push(error.stack));
  page.on('request', request => request.url().split('#')[0] === address || complaints.push(`A request to ${request.url()}`));
  await page.goto(address);
  await page.waitForFunction(() => document.documentElement.dataset.ready === 'true');
  return { page, complaints };
}

async function isClean({ page, complaints }) {
  assert.deepEqual(await page.evaluate(() => window.reportErrors), []);
  assert.deepEqual(complaints, []);
}

const plot = (page, title) => page.locator('figure', { has: page.getByRole('heading', { name: title, exact: true }) });
const texts = async cells => (await cells.allTextContents()).map(text => text.replace(/(\S)\(/g, '$1 ('));
const rows = table => table.locator('tbody tr').evaluateAll(all => all.map(row => [...row.cells].map(cell => cell.textContent)));

/** How many dots of a plot have this colour, or nearly: a slope's edges are softened. */
const dots = (figure, colour) =>
  figure.locator('canvas').evaluate((canvas, wanted) => {
    const channels = [1, 3, 5].map(at => parseInt(wanted.slice(at, at + 2), 16));
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true });
    copy.drawImage(canvas, 0, 0);
    const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
    let found = 0;
    for (let at = 0; at < data.length; at += 4)
      if (data[at + 3] > 200 && channels.every((channel, place) => Math.abs(data[at + place] - channel) < 24)) found++;
    return found;
  }, colour);

const DOTS_MIN = 20; // a line is drawn, not a speck of it
const BAR_DOTS_MIN = 1000;
const colours = {
  light: { 'http-whole': '#c2410c', ws: '#1d4ed8', 'ws-bare': '#047857' },
  dark: { 'http-whole': '#fb923c', ws: '#60a5fa', 'ws-bare': '#34d399' },
};
const decoding = { light: '#047857', dark: '#34d399' };
const lines = [
  'Bytes up, each turn',
  'Bytes up, summed',
  'Time to the first token, each turn',
  'Time of each turn',
  'Distribution of the time to the first token',
];

/** Plots are drawn a moment after what changed them. */
async function drawsAtLeast(count, figure, colour, what) {
  for (const end = performance.now() + PATIENCE; (await dots(figure, colour)) < count; await setTimeout(50))
    assert.ok(performance.now() < end, `${what} is not drawn in ${colour}`);
}

async function plotsAreDrawn(page, scheme, titles = lines) {
  assert.equal(await page.locator('figure canvas').count(), lines.length + 1);
  for (const title of titles)
    for (const [transport, colour] of Object.entries(colours[scheme]))
      await drawsAtLeast(DOTS_MIN, plot(page, title), colour, `${transport} of '${title}'`);
  await drawsAtLeast(BAR_DOTS_MIN, plot(page, 'Where the time of a task went'), decoding[scheme], 'a bar');
}

async function figuresAreTheRuns(page) {
  const whole = linked('wan').map(cell => cell.per_turn);
  const numbers = plot(page, 'Bytes up, each turn').locator('details tbody tr');
  assert.equal(await numbers.count(), whole[0].length);
  for (const [at, row] of (await numbers.all()).entries())
    assert.deepEqual(await texts(row.locator('th, td')), [
      String(at + 1),
      ...whole.map(turns => shown(turns[at].bytes_up, 2, 1e-3)),
    ]);
  const claims = await page.locator('.claims tbody tr').evaluateAll(all => all.map(row => [row.dataset.claim, row.cells[0].innerText]));
  assert.deepEqual(claims, run.claims.map(({ claim, verdict }) => [
    claim.id,
    `${{ held: '✓', 'not held': '✗', 'not measured': '–' }[verdict]} ${verdict}`,
  ]));
  assert.ok(claims.some(([, text]) => text.startsWith('✗')) && claims.some(([, text]) => text.startsWith('–')));
  const all = page.locator('#cells table').first().locator('tbody tr');
  assert.equal(await all.count(), run.cells.length);
  for (const [at, row] of (await all.all()).entries()) {
    const cells = await texts(row.locator('th, td'));
    const { cell, bytes_up, task_ms, errors } = run.cells[at];
    assert.deepEqual(cells.slice(0, 4), [cell.workload, cell.transport, cell.backend, cell.link]);
    assert.deepEqual([cells[5], cells[11], cells[13]], [shown(bytes_up, 1, 1e-3), shown(task_ms, 2, 1e-3), String(errors)]);
  }
  assert.deepEqual(
    (await rows(page.locator('#spectrum table'))).map(row => row[0]),
    run.spectrum.rows.map(row => row.approach),
  );
  assert.ok((await page.locator('dl').innerText()).includes(run.facts.processor)); // as it is written, whatever stands in it
}

async function readersChoicesHold(page) {
  const legend = plot(page, lines[0]).locator('.u-legend .u-value');
  assert.deepEqual((await legend.allInnerTexts()).filter(Boolean), []);
  await plot(page, lines[0]).locator('.u-over').hover();
  await page.waitForFunction(() => document.querySelector('.u-legend .u-series:nth-child(2) .u-value').textContent);
  assert.match((await legend.allTextContents())[1], /^[0-9.,]+$/);
  await page.mouse.move(0, 0);
  await page.waitForFunction(() => !document.querySelector('.u-legend .u-series:nth-child(2) .u-value').textContent);
  const columns = () => plot(page, lines[0]).locator('thead th').allTextContents();
  await page.getByRole('checkbox', { name: 'ws-bare' }).uncheck();
  assert.deepEqual(await columns(), ['turn', 'http-whole', 'ws']);
  assert.equal(await dots(plot(page, lines[0]), colours.light['ws-bare']), 0);
  await page.getByLabel('Link').selectOption('airplane');
  assert.deepEqual(await columns(), ['turn', ...linked('airplane').map(({ cell }) => cell.transport)]);
  await page.getByLabel('Link').selectOption(first.link);
  await page.getByRole('checkbox', { name: 'ws-bare' }).check();
  await needsFollow(page);
}

/** What the run's document says that the page's own formula says, and what a reader changes of it. */
async function needsFollow(page) {
  const need = name => page.locator(`[data-need="${name}"]`).innerText();
  const { needs, inputs } = run.capacity;
  const asMeasured = {
    turns: `${number(needs.turns_per_second, 0)} /s`,
    'nodes by memory': number(needs.nodes_by_memory, 2),
    'nodes by network': number(needs.nodes_by_network, 2),
    'ingress, what is new': `${number(needs.ingress_gbits, 2)} Gbit/s`,
    'ingress, whole histories': `${number(needs.ingress_whole_gbits, 2)} Gbit/s`,
    'KV state kept hot': `${number(needs.kv_terabytes, 2)} TB`,
    'nodes by processor': '–', // nobody measured the processor
  };
  for (const [name, text] of Object.entries(asMeasured)) assert.equal((await need(name)).trim(), text, name);
  const { value } = inputs.find(({ key }) => key === 'sessions');
  await page.locator('[data-key=sessions]').fill(String(2 * value));
  assert.equal(await need('turns'), `${number(2 * needs.turns_per_second, 0)} /s`);
  await page.locator('[data-key=sessions]').fill('');
  assert.equal(await need('turns'), '–');
  await page.getByRole('button', { name: 'As measured' }).click();
  assert.equal(await need('turns'), asMeasured.turns);
}

/** A page of one scheme that its reader's system changes to the other. */
async function schemesChange(page) {
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.waitForFunction(before => getComputedStyle(document.body).backgroundColor !== before, light);
  await plotsAreDrawn(page, 'dark');
  assert.equal(await dots(plot(page, lines[0]), colours.light.ws), 0);
  await page.emulateMedia({ colorScheme: 'light' });
  await page.waitForFunction(before => getComputedStyle(document.body).backgroundColor === before, light);
  await plotsAreDrawn(page, 'light');
}

async function fitsNarrowScreens(page) {
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'the page is too wide');
  for (const figure of await page.locator('figure').all()) {
    const { width } = await figure.locator('.uplot').boundingBox();
    assert.ok(width <= 360, `a plot is ${width} wide`);
  }
  for (const table of await page.locator('.stacks').all()) {
    const [wide, seen] = await table.evaluate(one => [one.scrollWidth, one.parentElement.clientWidth]);
    assert.ok(wide <= seen, `a table of texts is ${wide} wide, and ${seen} of it are seen`);
  }
  await plotsAreDrawn(page, 'light', lines.slice(0, 1)); // in the others one may hide another
}

const browser = await openBrowser();
try {
  const wide = await open({ colorScheme: 'light' });
  await plotsAreDrawn(wide.page, 'light');
  await figuresAreTheRuns(wide.page);
  await readersChoicesHold(wide.page);
  await schemesChange(wide.page);
  await isClean(wide);
  const narrow = await open({ viewport: { width: 360, height: 740 }, hasTouch: true });
  await fitsNarrowScreens(narrow.page);
  await isClean(narrow);
  console.log('ok report');
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await browser.close();
}
process.exit();
