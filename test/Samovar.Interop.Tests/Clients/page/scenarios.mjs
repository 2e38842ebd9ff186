// What a reader does with the page, in a real browser, before the simulated server: `node scenarios.mjs NAME`. Says "ok NAME", or why not.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openBrowser, PATIENCE } from './browser.mjs';

const web = process.env.WEB_FOLDER;
const { Fake } = await import(pathToFileURL(join(web, 'dev', 'serve.mjs')).href);
const folder = process.env.WEB_BUNDLE;
const key = 'sk-page-1';

const plain = text => text.replaceAll('\u202f', ' ');
const count = value => value.toLocaleString('en-US');

/** A page with its fake; what the browser complains of is kept. */
async function open({ fake: options = {}, context = {}, ...more } = {}) {
  const fake = await new Fake({ sessions: 12, seed: 11, hz: 0, folder, ...options }).start();
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 }, ...context })).newPage();
  page.setDefaultTimeout(PATIENCE);
  if (more.before) await page.addInitScript(more.before);
  const complaints = [];
  page.on('console', message => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', error => complaints.push(error.stack));
  page.on('request', request => {
    if (!request.url().startsWith(fake.address)) complaints.push(`A request to ${request.url()}`);
  });
  await page.goto(fake.address);
  if (more.waits !== false) await page.getByText('Live', { exact: true }).waitFor();
  return { fake, page, complaints, text: async selector => plain(await page.locator(selector).innerText()) };
}

const until = (page, what, ...given) => page.waitForFunction(what, ...given);
/** Effects of components run long after the frame that drew them, as on a busy machine. */
const effectsRunLate = () => {
  const atOnce = window.setTimeout;
  window.setTimeout = (what, ms, ...given) => atOnce(what, ms || 300, ...given);
};
const active = page => page.locator('.row.active').getAttribute('data-lane');

const scenarios = {
  async figures() {
    const { fake, page, complaints, text } = await open();
    const { totals, lanes, turns, prefixes, pools, models, sessions } = fake.simulation.state();
    assert.match(await text('#figure-sessions'), new RegExp(`\\n${totals.sessions_open}\\n`));
    assert.match(await text('#figure-sessions'), new RegExp(`${totals.running} running · ${totals.queued} queued`));
    assert.match(await text('#figure-sessions'), new RegExp(`${count(totals.turns)} turns`));
    const near = (shown, value) => assert.ok(Math.abs(shown - value) <= value * 0.006, `${shown} is not ${value}`);
    near(parseFloat(await text('#figure-cached strong')) / 100, totals.cached_tokens / totals.input_tokens);
    near(parseFloat(await text('#figure-sent strong')) * 1e6, totals.bytes_up);
    near(parseFloat((await text('#figure-sent p')).replace(/^\D*/, '')) * 1e6, totals.bytes_stateless);
    const sizes = await page.locator('.tabs .size').allInnerTexts();
    assert.deepEqual(
      sizes,
      [sessions, turns, prefixes, pools, models].map(all => count(Object.keys(all).length)),
    );
    assert.equal(Number(await page.locator('#lanes').getAttribute('aria-rowcount')), Object.keys(lanes).length + 1);
    const newest = Object.values(sessions).sort((one, other) => other.opened_at - one.opened_at)[0];
    const lane = lanes[`${newest.id}/`];
    const row = page.locator(`[data-lane="${lane.id}"]`);
    assert.match(plain(await row.innerText()), new RegExp(count(lane.context_tokens)));
    assert.deepEqual(complaints, []);
  },

  async deltas() {
    const { fake, page, complaints, text } = await open();
    for (let at = 0; at < 20; at++) fake.step(500);
    const { totals } = fake.simulation.state();
    await until(page, wanted => document.querySelector('#figure-sessions').innerText.includes(`${wanted} turns`), count(totals.turns));
    assert.match(await text('#figure-sessions'), new RegExp(`${totals.running} running · ${totals.queued} queued`));
    const before = await page.locator('#lanes').getAttribute('aria-rowcount');
    fake.simulation.connect('brand-new-agent/1.0');
    fake.step(250);
    await page.getByText('brand-new-agent/1.0').first().waitFor();
    assert.ok(Number(await page.locator('#lanes').getAttribute('aria-rowcount')) > Number(before));
    assert.deepEqual(complaints, []);
  },

  async keyboard() {
    const { fake, page, complaints } = await open({ fake: { sessions: 60 } });
    const press = keys => page.keyboard.press(keys);
    await press('j');
    const first = await active(page);
    await press('ArrowDown');
    assert.notEqual(await active(page), first);
    await press('k');
    assert.equal(await active(page), first);
    await press('End');
    const last = await active(page);
    await page.locator(`[data-lane="${last}"]`).waitFor({ state: 'visible' });
    assert.equal(await page.locator('#lanes').getAttribute('aria-activedescendant'), await page.locator('.row.active').getAttribute('id'));
    await press('Home');
    const { turns } = fake.simulation.lanes[first];
    await press('ArrowLeft');
    await press('Enter');
    await page
      .locator('.details')
      .getByRole('button', { name: `Copy ${turns.at(-2)}` })
      .waitFor();
    assert.equal(await page.locator('.details a').getAttribute('href'), `/page/trace/${turns.at(-2)}`);
    await page.locator('.tree [aria-selected=true]').waitFor();
    await press('Escape');
    await page.locator('.details').waitFor({ state: 'detached' });
    await press('/');
    await page.keyboard.type('codex');
    await until(page, () => [...document.querySelectorAll('.row.lane.first b')].every(name => name.textContent.startsWith('codex')));
    await press('Escape');
    assert.equal(await page.locator('.search input').inputValue(), '');
    await press('?');
    await page.getByRole('dialog').waitFor();
    await press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await press('2');
    await page.getByRole('grid', { name: 'Newest turns' }).waitFor();
    await press('j');
    await press('Enter');
    await page.locator('.details').waitFor();
    await press('4');
    await page.getByText('rate limited', { exact: true }).waitFor();
    await press('3');
    await page.getByRole('list', { name: 'Shared prefixes' }).waitFor();
    assert.deepEqual(complaints, []);
  },

  async themes() {
    for (const scheme of ['light', 'dark']) {
      const { page, complaints } = await open({ context: { colorScheme: scheme, reducedMotion: 'reduce' } });
      const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      const seen = { auto: await ground() };
      for (const theme of ['light', 'dark']) {
        await page.keyboard.press('d');
        await until(page, wanted => document.documentElement.dataset.theme === wanted, theme);
        seen[theme] = await ground();
      }
      assert.notEqual(seen.light, seen.dark);
      assert.equal(seen.auto, seen[scheme]);
      await page.reload();
      await page.getByText('Live', { exact: true }).waitFor();
      assert.equal(await ground(), seen.dark);
      assert.deepEqual(await page.evaluate(() => document.getAnimations().length), 0);
      assert.deepEqual(complaints, []);
    }
  },

  async narrow() {
    const { page, complaints } = await open({ context: { viewport: { width: 360, height: 740 }, hasTouch: true } });
    const fits = async what =>
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${what} is too wide`);
    await fits('the list');
    for (const tab of ['2', '3', '4', '1']) {
      await page.keyboard.press(tab);
      await fits(`tab ${tab}`);
    }
    await page.locator('.row.lane canvas').first().tap();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.locator('.details').waitFor();
    await fits('the details');
    assert.deepEqual(complaints, []);
  },

  async login() {
    const { fake, page, complaints } = await open({ fake: { key }, waits: false });
    await page.getByLabel('API key').fill('sk-wrong');
    await page.keyboard.press('Enter');
    await page.getByText('The server does not know this key.').waitFor();
    assert.equal(await page.locator('.figures').count(), 0);
    await page.getByLabel('API key').fill(key);
    await page.keyboard.press('Enter');
    await page.getByText('Live', { exact: true }).waitFor();
    assert.ok(!(await page.evaluate(() => JSON.stringify({ ...localStorage }) + document.cookie)).includes(key));
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByLabel('API key').waitFor();
    assert.equal(await page.locator('.figures').count(), 0);
    assert.deepEqual(
      complaints.filter((line, at) => at > 0 || !line.includes('401')),
      [],
    );
    await fake.stop();
    const busy = await open({ fake: { key }, waits: false, before: effectsRunLate });
    await busy.page.getByLabel('API key').waitFor();
  },

  async reconnect() {
    const { fake, page, text } = await open();
    await fake.stop();
    await page.getByText('Connection lost at').waitFor();
    await page.getByText('Reconnecting').waitFor();
    assert.equal((await page.locator('.row.lane').count()) > 0, true);
    for (let at = 0; at < 6; at++) fake.step(500);
    await fake.start();
    await page.getByText('Live', { exact: true }).waitFor();
    const { totals } = fake.simulation.state();
    await until(page, wanted => document.querySelector('#figure-sessions').innerText.includes(`${wanted} turns`), count(totals.turns));
    fake.epoch++; // a server that was started again knows nothing of the events before
    await fake.stop();
    for (let at = 0; at < 200; at++) fake.step(500);
    await fake.start();
    const after = fake.simulation.state().totals;
    await until(page, wanted => document.querySelector('#figure-sessions').innerText.includes(`${wanted} turns`), count(after.turns));
    assert.match(await text('#figure-sessions'), new RegExp(`${after.running} running`));
  },

  async pause() {
    const { fake, page } = await open();
    const before = fake.simulation.state().totals;
    await page.keyboard.press('p');
    await page.getByText('Paused', { exact: true }).waitFor();
    for (let at = 0; at < 40; at++) fake.step(500);
    await page.getByText('40 updates behind').waitFor();
    assert.match(await page.locator('#figure-sessions').innerText(), new RegExp(`${count(before.turns)} turns`));
    await page.keyboard.press('p');
    const { totals } = fake.simulation.state();
    await until(page, wanted => document.querySelector('#figure-sessions').innerText.includes(`${wanted} turns`), count(totals.turns));
  },

  async states() {
    const empty = await open({ fake: { sessions: 0 } });
    await empty.page.getByText('No session yet').waitFor();
    await empty.page.getByText('./samovar agent').waitFor();
    empty.fake.simulation.connect();
    empty.fake.step(250);
    await empty.page.locator('.row.lane').first().waitFor();
    empty.fake.simulation.drain();
    empty.fake.step(250);
    await empty.page.getByText('The server is draining.').waitFor();
    assert.deepEqual(empty.complaints, []);
    const forbidden = await open({ fake: { forbids: true }, waits: false });
    await forbidden.page.getByText('This page is not for this key').waitFor();
    const tenant = await open({ fake: { tenant: 'payments' } });
    await tenant.page.getByText('tenant payments').waitFor();
    assert.equal(await tenant.page.locator('#figure-kv').count(), 0);
  },
};

const browser = await openBrowser();
const [name] = process.argv.slice(2);
try {
  await scenarios[name]();
  console.log(`ok ${name}`);
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await browser.close();
}
process.exit();
