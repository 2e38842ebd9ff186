// The page's pictures for the README and the docs, of simulated sessions: `npm run screenshots`. The same command gives the same sessions.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openBrowser } from './browser.mjs';
import { Fake } from './serve.mjs';

const bytesMax = 200_000;
const folder = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', 'docs', 'images');
const when = Date.UTC(2026, 10, 29, 9, 30);

const pictures = {
  'page-light': { scheme: 'light', width: 1280, height: 720, opensCold: true },
  'page-dark': { scheme: 'dark', width: 1280, height: 720, mode: 'time' },
  'page-pools': { scheme: 'light', width: 1100, height: 520, tab: '4' },
  'page-narrow': { scheme: 'dark', width: 390, height: 760 },
};

/** A desktop has a font of its own for system-ui; a bare machine has none, and Inter stands for it where it is installed. */
function fonts() {
  try {
    if (!execFileSync('fc-list', [':family=Inter'], { encoding: 'utf8' }).trim()) return {};
  } catch {
    return {};
  }
  const file = join(mkdtempSync(join(tmpdir(), 'samovar-fonts-')), 'fonts.conf');
  const alias = name =>
    `<match target="pattern"><test name="family"><string>${name}</string></test>` +
    '<edit name="family" mode="assign" binding="strong"><string>Inter</string></edit></match>';
  writeFileSync(
    file,
    `<?xml version="1.0"?><fontconfig><include>/etc/fonts/fonts.conf</include>${['sans', 'sans-serif', 'system-ui', 'DejaVu Sans']
      .map(alias)
      .join('')}</fontconfig>`,
  );
  return { FONTCONFIG_FILE: file };
}

/** The details of a turn that was cold, of a row that is in sight. */
async function openCold(page, { turns, lanes }) {
  for (let row = 0; row < 9; row++) {
    await page.keyboard.press('j');
    await page.clock.runFor(100);
    const lane = lanes[await page.locator('.row.active').getAttribute('data-lane')];
    const cold = lane.turns.findLastIndex(id => turns[id].miss);
    const back = lane.turns.length - 1 - cold;
    if (cold < 0 || back > 4) continue;
    for (let turn = 0; turn < back; turn++) {
      await page.keyboard.press('ArrowLeft');
      await page.clock.runFor(100);
    }
    return page.keyboard.press('Enter');
  }
  throw new Error('No row in sight has a cold turn.');
}

mkdirSync(folder, { recursive: true });
const browser = await openBrowser({ ...process.env, ...fonts() });
for (const [name, { scheme, width, height, opensCold, mode, tab }] of Object.entries(pictures)) {
  const fake = await new Fake({ sessions: 24, seed: 21, hz: 0, now: when }).start();
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: scheme,
    timezoneId: 'UTC',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  await page.clock.install({ time: when });
  await page.goto(fake.address);
  await page.locator('.row.lane').first().waitFor();
  for (let second = 0; second < 62; second++) {
    // a minute of output, so that the line has its length
    fake.step(1000);
    await page.clock.runFor(1000);
  }
  if (mode === 'time') await page.keyboard.press('t');
  if (tab) await page.keyboard.press(tab);
  if (opensCold) await openCold(page, fake.simulation);
  await page.clock.runFor(1500);
  const path = join(folder, `${name}.png`);
  await page.screenshot({ path });
  await context.close();
  await fake.stop();
  const { size } = statSync(path);
  console.log(`${path}: ${size} bytes`);
  if (size > bytesMax) process.exitCode = 1;
}
await browser.close();
