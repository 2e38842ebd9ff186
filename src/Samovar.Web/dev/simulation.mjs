// A server as the page sees it, without one: agents that work turn after turn, on a clock that a caller moves.
import { clients, laneNames, models, misses, prefixTokens, tenants, pools, servedModels } from './cast.mjs';

const laneTurnsMax = 24;

/** A generator that gives the same figures for the same seed. */
export function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export class Simulation {
  #random;
  #seq = 0;
  #ids = 0;
  #work = new Map(); // by lane: what it does, and until when
  #changed;

  constructor({ sessions, seed = 1, now, tenant, warmMs = 240_000 }) {
    this.#random = seeded(seed);
    this.now = now - warmMs;
    this.server = {
      version: '0.1.0',
      started_at: this.now - 3_600_000,
      now: this.now,
      draining: false,
      model: tenant ? undefined : 'qwen3-coder-30b',
      streams: 64,
      store: 'sqlite',
      ...(tenant && { tenant }),
    };
    this.totals = {
      turns: 0,
      failed: 0,
      sessions_open: 0,
      running: 0,
      queued: 0,
      bytes_up: 0,
      bytes_down: 0,
      bytes_stateless: 0,
      input_tokens: 0,
      cached_tokens: 0,
      output_tokens: 0,
      ...(!tenant && { kv_tokens: { stream: 0, memory: 0, disk: 0 } }),
    };
    Object.assign(this, { sessions: {}, lanes: {}, turns: {}, prefixes: {}, pools: {}, models: {} });
    this.#forget();
    if (sessions > 0)
      for (const [at, tokens] of prefixTokens.entries())
        this.prefixes[`prefix_${at}`] = {
          id: `prefix_${((0x9e3779b1 * (at + 1)) >>> 0).toString(16)}`,
          tokens,
          hits: 0,
          users: [],
          kv: at < 3 ? 'stream' : 'disk',
        };
    if (!tenant) this.pools = pools();
    if (!tenant) this.models = servedModels();
    for (let at = 0; at < sessions; at++) this.#addSession(at, sessions, tenant, warmMs);
    for (let passed = 0; sessions > 0 && passed < warmMs; passed += 500) this.step(500);
    this.now = now;
    this.#seq = 0;
  }

  state() {
    const { server, totals, sessions, lanes, turns, prefixes, pools, models } = this;
    return { seq: this.#seq, server: { ...server, now: this.now }, totals, sessions, lanes, turns, prefixes, pools, models };
  }

  /** Moves the clock and gives what changed. */
  step(ms) {
    this.now += ms;
    for (const lane of Object.values(this.lanes)) this.#move(lane);
    this.#count();
    const changed = this.#changed;
    this.#forget();
    const delta = { seq: ++this.#seq, totals: this.totals };
    for (const name of ['sessions', 'lanes', 'turns', 'prefixes', 'pools', 'models'])
      if (changed[name].size > 0)
        delta[name] = Object.fromEntries([...changed[name]].filter(id => this[name][id]).map(id => [id, this[name][id]]));
    if (changed.gone.length > 0) delta.gone = { turns: changed.gone };
    if (changed.server) delta.server = { ...this.server, now: this.now };
    return delta;
  }

  drain() {
    this.server.draining = true;
    this.#changed.server = true;
  }

  /** One more session, as when an agent connects. */
  connect(client = 'samovar-agent/0.1.0') {
    return this.#addSession(this.#ids, 1, this.server.tenant, 0, client);
  }

  #forget() {
    this.#changed = {
      sessions: new Set(),
      lanes: new Set(),
      turns: new Set(),
      prefixes: new Set(),
      pools: new Set(),
      models: new Set(),
      gone: [],
      server: false,
    };
  }

  #id(kind) {
    return `${kind}_${(++this.#ids).toString(16).padStart(4, '0')}${this.#hex()}${this.#hex()}`;
  }

  #hex() {
    return Math.floor(this.#random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
  }

  #addSession(at, among, tenant, warmMs, client = clients[Math.floor(this.#random() * clients.length)]) {
    const isSocket = this.#random() < 0.75;
    const id = this.#id(isSocket ? 'ws' : 'http');
    this.sessions[id] = {
      id,
      tenant: tenant ?? tenants[Math.floor(this.#random() * tenants.length)],
      transport: isSocket ? 'websocket' : 'http',
      client,
      opened_at: this.now + (at / among) * warmMs * 0.7,
      is_open: this.#random() > 0.04,
    };
    this.#changed.sessions.add(id);
    const lanes = isSocket && this.#random() < 0.18 ? [undefined, ...laneNames.slice(0, 1 + Math.floor(this.#random() * 3))] : [undefined];
    for (const name of lanes) this.#addLane(id, name);
    return id;
  }

  #addLane(session, name) {
    const id = `${session}/${name ?? ''}`;
    const prefix = Math.floor(this.#random() ** 2 * prefixTokens.length);
    this.lanes[id] = {
      id,
      session,
      name,
      model: models[Math.floor(this.#random() ** 2 * models.length)],
      turns: [],
      kv: 'none',
      context_tokens: 0,
      bytes_up: 0,
      bytes_stateless: 0,
    };
    this.#work.set(id, {
      until: this.sessions[session].opened_at + this.#random() * 4000,
      turn: null,
      prefix,
      context: prefixTokens[prefix],
    });
    this.#changed.lanes.add(id);
  }

  #move(lane) {
    const work = this.#work.get(lane.id);
    if (work.turn) this.#advance(lane, work);
    else if (this.now >= work.until && this.sessions[lane.session].is_open && !this.server.draining) this.#begin(lane, work);
    else if (lane.kv === 'stream' && work.until - this.now > 2500 && this.#random() < 0.1) this.#park(lane);
  }

  #begin(lane, work) {
    const random = this.#random;
    const isFirst = lane.turns.length === 0;
    const fresh = Math.round(isFirst ? 120 + random() * 600 : 60 + random() ** 3 * 3200);
    const isCold = !isFirst && random() < 0.025;
    const input = work.context + fresh;
    const cached = isCold ? Math.round(prefixTokens[work.prefix] * (random() < 0.5 ? 1 : 0)) : work.context;
    const isUpstream = lane.model === models[1];
    const forked = lane.turns.length > 3 && random() < 0.03 ? lane.turns.at(-3) : lane.turns.at(-1);
    const turn = {
      id: this.#id('resp'),
      lane: lane.id,
      parent: forked,
      stage: 'queue',
      at: this.now,
      input_tokens: input,
      cached_tokens: cached,
      prefill_tokens: input - cached,
      prefilled_tokens: 0,
      output_tokens: 0,
      bytes_up: Math.round(140 + fresh * 3.9 * (isFirst ? 2 : 1)),
      bytes_stateless: Math.round(900 + input * 4.1),
      model: lane.model,
      faults: [],
      ...(isCold && { miss: misses[Math.floor(random() * (isUpstream ? 6 : 4))] }),
      ...(isUpstream && { destination: random() < 0.7 ? 'account-1' : 'account-3', affinity: isFirst ? 'new' : isCold ? 'moved' : 'kept' }),
      ...(isUpstream && random() < 0.02 && { faults: ['account-2:rate_limited'] }),
    };
    work.turn = turn.id;
    work.queueMs = random() < 0.12 ? 200 + random() * 2200 : 1 + random() * 8;
    work.prefillMs = 12 + (input - cached) / (isUpstream ? 6 : 2.4);
    work.words = Math.round(24 + random() ** 2 * 460);
    work.perSecond = isUpstream ? 95 : 62;
    lane.turns = [...lane.turns, turn.id];
    if (lane.turns.length > laneTurnsMax) {
      const oldest = lane.turns[0];
      lane.turns = lane.turns.slice(1);
      delete this.turns[oldest];
      this.#changed.gone.push(oldest);
    }
    lane.kv = isUpstream ? 'upstream' : 'stream';
    lane.kv_at = isUpstream ? turn.destination : String(1 + Math.floor(random() * 64));
    const prefix = this.prefixes[`prefix_${work.prefix}`];
    if (isFirst) {
      this.prefixes[`prefix_${work.prefix}`] = { ...prefix, hits: prefix.hits + 1, users: [lane.id, ...prefix.users].slice(0, 12) };
      this.#changed.prefixes.add(`prefix_${work.prefix}`);
    }
    this.#put(lane, turn);
  }

  #advance(lane, work) {
    const before = this.turns[work.turn];
    const passed = this.now - before.at;
    const first = work.queueMs + work.prefillMs;
    const turn = { ...before };
    if (passed >= work.queueMs) {
      turn.queued_ms = work.queueMs;
      turn.stage = 'prefill';
      turn.prefilled_tokens = Math.round(turn.prefill_tokens * Math.min(1, (passed - work.queueMs) / work.prefillMs));
    }
    if (passed >= first) {
      turn.first_token_ms = first;
      turn.stage = 'decode';
      turn.output_tokens = Math.min(work.words, Math.round(((passed - first) / 1000) * work.perSecond));
    }
    if (passed >= first + (work.words / work.perSecond) * 1000) this.#end(lane, work, turn, first);
    this.#put(lane, turn);
  }

  #end(lane, work, turn, first) {
    turn.stage = 'ended';
    turn.output_tokens = work.words;
    turn.total_ms = first + (work.words / work.perSecond) * 1000;
    const isFailed = this.#random() < 0.006;
    turn.outcome = isFailed ? 'failed' : 'completed';
    if (isFailed) turn.error = 'upstream_unavailable';
    work.turn = null;
    work.context = turn.input_tokens + turn.output_tokens;
    work.until = this.now + (this.#random() < 0.1 ? 9000 : 400) + this.#random() ** 2 * 7000;
    Object.assign(lane, {
      context_tokens: work.context,
      bytes_up: lane.bytes_up + turn.bytes_up,
      bytes_stateless: lane.bytes_stateless + turn.bytes_stateless,
    });
    const { totals } = this;
    this.totals = {
      ...totals,
      turns: totals.turns + 1,
      failed: totals.failed + (isFailed ? 1 : 0),
      bytes_up: totals.bytes_up + turn.bytes_up,
      bytes_down: totals.bytes_down + turn.output_tokens * 210,
      bytes_stateless: totals.bytes_stateless + turn.bytes_stateless,
      input_tokens: totals.input_tokens + turn.input_tokens,
      cached_tokens: totals.cached_tokens + turn.cached_tokens,
      output_tokens: totals.output_tokens + turn.output_tokens,
    };
  }

  #put(lane, turn) {
    this.turns[turn.id] = turn;
    this.lanes[lane.id] = { ...lane };
    this.#changed.turns.add(turn.id);
    this.#changed.lanes.add(lane.id);
  }

  #park(lane) {
    this.lanes[lane.id] = { ...lane, kv: this.#random() < 0.8 ? 'memory' : 'disk', kv_at: undefined };
    this.#changed.lanes.add(lane.id);
  }

  #count() {
    const running = [...this.#work.values()].filter(work => work.turn).map(work => this.turns[work.turn].stage);
    const queued = running.filter(stage => stage === 'queue').length;
    this.totals = {
      ...this.totals,
      queued,
      running: running.length - queued,
      sessions_open: Object.values(this.sessions).filter(session => session.is_open && session.opened_at <= this.now).length,
    };
    if (!this.totals.kv_tokens) return;
    const kv = { stream: 0, memory: 0, disk: 0 };
    for (const lane of Object.values(this.lanes)) if (lane.kv in kv) kv[lane.kv] += lane.context_tokens;
    this.totals.kv_tokens = kv;
  }
}
