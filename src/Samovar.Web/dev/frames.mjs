// Frame times of the page with many live sessions: `npm run frames -- --sessions 1000 --hz 4 --seconds 10`.
import { parseArgs } from 'node:util';
import { openBrowser } from './browser.mjs';
import { Fake } from './serve.mjs';

const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '1000' },
    hz: { type: 'string', default: '4' },
    seconds: { type: 'string', default: '10' },
    json: { type: 'boolean', default: false },
  },
});
const [sessions, hz, seconds] = [values.sessions, values.hz, values.seconds].map(Number);
const fake = await new Fake({ sessions, hz: 0, seed: 3 }).start();
const browser = await openBrowser();
const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
await page.goto(fake.address);
await page.locator('.row.lane').first().waitFor();
const client = await page.context().newCDPSession(page);
await client.send('Performance.enable');

/** Milliseconds from frame to frame, and of the page's own work in them, while deltas come and somebody scrolls. */
async function measure(mode, scrolls) {
  const before = await cost();
  const changed = [];
  let last = Date.now();
  const deltas =
    hz > 0
      ? setInterval(() => {
          const now = Date.now();
          changed.push(Object.keys(fake.step(now - last).turns ?? {}).length);
          last = now;
        }, 1000 / hz)
      : undefined;
  const frames = await page.evaluate(
    ([ms, moves]) =>
      new Promise(resolve => {
        const times = [];
        const view = document.querySelector('.grid-view');
        let [start, previous, by] = [performance.now(), 0, 7];
        const frame = at => {
          if (previous > 0) times.push(at - previous);
          previous = at;
          if (moves) {
            if (view.scrollTop + view.clientHeight >= view.scrollHeight - 1) by = -7;
            view.scrollTop += by;
          }
          if (at - start < ms) requestAnimationFrame(frame);
          else resolve(times);
        };
        requestAnimationFrame(frame);
      }),
    [seconds * 1000, scrolls],
  );
  clearInterval(deltas);
  const after = await cost();
  const share = name => (after[name] - before[name]) / seconds;
  return {
    mode,
    scrolls,
    frames: frames.length,
    ...quantiles(frames),
    over33: frames.filter(ms => ms > 33.4).length,
    scriptShare: share('ScriptDuration'),
    layoutShare: share('LayoutDuration') + share('RecalcStyleDuration'),
    turnsInDelta: Math.round(changed.reduce((sum, one) => sum + one, 0) / Math.max(1, changed.length)),
  };
}

async function cost() {
  const { metrics } = await client.send('Performance.getMetrics');
  return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
}

function quantiles(frames) {
  const sorted = [...frames].sort((one, other) => one - other);
  const at = share => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return { median: at(0.5), p95: at(0.95), p99: at(0.99), most: sorted.at(-1) };
}

const runs = [];
for (const mode of ['turns', 'time']) {
  for (const scrolls of [false, true]) runs.push(await measure(mode, scrolls));
  await page.keyboard.press('t');
}
await browser.close();
await fake.stop();
if (values.json) console.log(JSON.stringify({ sessions, hz, seconds, runs }));
else {
  console.log(`${sessions} sessions, ${hz} deltas a second of ${runs[0].turnsInDelta} turns each, ${seconds} s a run; milliseconds`);
  console.log('timelines  scrolling  frames  median    p95    p99    most  >33 ms  script  layout');
  for (const run of runs)
    console.log(
      [
        run.mode.padEnd(9),
        (run.scrolls ? 'yes' : 'no').padEnd(9),
        String(run.frames).padStart(6),
        ...[run.median, run.p95, run.p99, run.most].map(ms => ms.toFixed(1).padStart(6)),
        String(run.over33).padStart(7),
        ...[run.scriptShare, run.layoutShare].map(share => `${(share * 100).toFixed(1)} %`.padStart(7)),
      ].join('  '),
    );
}
