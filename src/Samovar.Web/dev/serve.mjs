// Serves the page's bundle with a simulated server behind it: `node dev/serve.mjs --sessions 40`. The bundle is what the build left in
// obj/web/dist, or `node build.mjs` in dist/.
import { createServer } from 'node:http';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Simulation } from './simulation.mjs';

const here = dirname(fileURLToPath(import.meta.url));

/** As strict as the server's own. */
export const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
  "frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
const files = { '/': ['page.html', 'text/html'], '/page.js': ['page.js', 'text/javascript'], '/page.css': ['page.css', 'text/css'] };
const deltasKept = 64;

export function bundleFolder() {
  const folders = [join(here, '..', 'dist'), join(here, '..', 'obj', 'web', 'dist')];
  const found = folders.find(folder => existsSync(join(folder, 'page.js')));
  if (!found) throw new Error('There is no bundle: build Samovar.Web, or run node build.mjs in its folder.');
  return found;
}

/** A server that a test can take away and bring back: what it simulates stays. */
export class Fake {
  #folder;
  #key;
  #forbids;
  #watchers = new Set();
  #deltas = [];
  #server;
  #timer;

  constructor({ sessions = 12, seed = 1, hz = 4, key, tenant, forbids = false, folder = bundleFolder(), now = Date.now() }) {
    [this.#folder, this.#key, this.#forbids, this.hz] = [folder, key, forbids, hz];
    this.simulation = new Simulation({ sessions, seed, now, tenant });
    this.epoch = 1;
  }

  get address() {
    return `http://127.0.0.1:${this.port}/`;
  }

  async start(port = this.port ?? 0) {
    this.#server = createServer((request, response) => void this.#answer(request, response));
    await new Promise((resolve, reject) => this.#server.once('error', reject).listen(port, '127.0.0.1', resolve));
    this.port = this.#server.address().port;
    let before = Date.now();
    if (this.hz > 0)
      this.#timer = setInterval(() => {
        const now = Date.now();
        this.step(now - before);
        before = now;
      }, 1000 / this.hz);
    return this;
  }

  /** The server goes away, connections and all. */
  async stop() {
    clearInterval(this.#timer);
    for (const watcher of this.#watchers) watcher.destroy();
    this.#watchers.clear();
    this.#server.closeAllConnections();
    await new Promise(resolve => this.#server.close(resolve));
  }

  /** Moves the simulation and tells every page. */
  step(ms) {
    const delta = this.simulation.step(ms);
    this.#deltas.push(delta);
    if (this.#deltas.length > deltasKept) this.#deltas.shift();
    const text = this.#event('delta', delta);
    for (const watcher of this.#watchers) watcher.write(text);
    return delta;
  }

  #event(name, value) {
    return `event: ${name}\nid: ${this.epoch}-${value.seq}\ndata: ${JSON.stringify(value)}\n\n`;
  }

  async #answer(request, response) {
    const path = new URL(request.url, 'http://localhost').pathname;
    response.setHeader('content-security-policy', policy);
    response.setHeader('x-content-type-options', 'nosniff');
    const file = files[path];
    if (file && request.method === 'GET')
      return response.writeHead(200, { 'content-type': `${file[1]}; charset=utf-8` }).end(readFileSync(join(this.#folder, file[0])));
    if (path === '/page/login' && request.method === 'POST') return this.#login(request, response);
    if (path === '/page/logout' && request.method === 'POST') return this.#logout(response);
    const isIn = this.#key === undefined || `${request.headers.cookie}`.includes('samovar_page=in');
    if (path === '/page/session') return json(response, 200, { needs_login: !isIn, operator: isIn });
    if (!path.startsWith('/page/')) return fault(response, 404, 'not_found', 'There is nothing here.');
    if (!isIn) return fault(response, 401, 'invalid_api_key', 'A key is needed.');
    if (this.#forbids) return fault(response, 403, 'forbidden', 'This key may not see the page.');
    if (path === '/page/events') return this.#watch(request, response);
    if (path.startsWith('/page/chain/')) return this.#chain(decodeURIComponent(path.slice('/page/chain/'.length)), response);
    fault(response, 404, 'not_found', 'There is nothing here.');
  }

  async #login(request, response) {
    let body = '';
    for await (const piece of request) body += piece;
    const { key } = JSON.parse(body);
    if (key !== this.#key) return fault(response, 401, 'invalid_api_key', 'The key is not known.');
    json(response, 200, { needs_login: false, operator: true }, { 'set-cookie': 'samovar_page=in; HttpOnly; SameSite=Strict; Path=/' });
  }

  #logout(response) {
    for (const watcher of this.#watchers) watcher.end();
    response.writeHead(204, { 'set-cookie': 'samovar_page=; Max-Age=0; HttpOnly; SameSite=Strict; Path=/' }).end();
  }

  #watch(request, response) {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    const [epoch, seq] = `${request.headers['last-event-id'] ?? ''}`.split('-').map(Number);
    const missing = this.#deltas.filter(delta => delta.seq > seq);
    const isKnown = epoch === this.epoch && (missing[0]?.seq === seq + 1 || seq === this.simulation.state().seq);
    response.write(
      isKnown ? missing.map(delta => this.#event('delta', delta)).join('') || ': \n\n' : this.#event('state', this.simulation.state()),
    );
    this.#watchers.add(response);
    response.on('close', () => this.#watchers.delete(response));
  }

  #chain(id, response) {
    const turns = [];
    for (let turn = this.simulation.turns[id]; turn; turn = this.simulation.turns[turn.parent]) turns.push({ ...turn, lane: '' });
    if (turns.length === 0) return fault(response, 404, 'not_found', 'The response is not known.');
    json(response, 200, { id, turns, next: null });
  }
}

function json(response, status, value, headers = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
}

const fault = (response, status, code, message) => json(response, status, { error: { type: 'invalid_request_error', code, message } });

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      sessions: { type: 'string', default: '40' },
      hz: { type: 'string', default: '4' },
      port: { type: 'string', default: '0' },
      seed: { type: 'string', default: '1' },
      key: { type: 'string' },
      tenant: { type: 'string' },
    },
  });
  const fake = new Fake({ ...values, sessions: Number(values.sessions), hz: Number(values.hz), seed: Number(values.seed) });
  await fake.start(Number(values.port));
  console.log(`The page, simulated: ${fake.address}`);
}
