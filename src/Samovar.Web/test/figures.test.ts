import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Simulation } from '../dev/simulation.mjs';
import { chainOf, treeOf } from '../page/figures/chain.ts';
import { rowsOf, turnsOf } from '../page/figures/rows.ts';
import { barAt, layout, layoutInTime, segments } from '../page/figures/timeline.ts';
import { backoffMs } from '../page/state/backoff.ts';
import type { PageState, PageTurn } from '../page/state/contract.ts';
import { Rate } from '../page/state/rate.ts';
import { eventReader, type ServerEvent } from '../page/state/sse.ts';
import { worldOf } from '../page/state/world.ts';

const turn = (more: Partial<PageTurn>): PageTurn => ({
  id: 'resp_1',
  lane: 'l',
  stage: 'ended',
  at: 1000,
  input_tokens: 100,
  cached_tokens: 80,
  prefill_tokens: 20,
  prefilled_tokens: 20,
  output_tokens: 5,
  bytes_up: 10,
  bytes_stateless: 100,
  ...more,
});

test('an ended turn is three segments that meet', () => {
  assert.deepEqual(segments(turn({ queued_ms: 5, first_token_ms: 25, total_ms: 100 }), 0), [
    { part: 'queued', from: 0, to: 5 },
    { part: 'prefill', from: 5, to: 25 },
    { part: 'decode', from: 25, to: 100 },
  ]);
});

test('a running turn grows until now, in the segment where it stands', () => {
  assert.deepEqual(segments(turn({ stage: 'queue' }), 1040), [{ part: 'queued', from: 0, to: 40 }]);
  assert.deepEqual(segments(turn({ stage: 'prefill', queued_ms: 10 }), 1040), [
    { part: 'queued', from: 0, to: 10 },
    { part: 'prefill', from: 10, to: 40 },
  ]);
  assert.deepEqual(segments(turn({ stage: 'decode', queued_ms: 0, first_token_ms: 30 }), 1040), [
    { part: 'prefill', from: 0, to: 30 },
    { part: 'decode', from: 30, to: 40 },
  ]);
});

test('times that contradict each other never make a segment that runs back', () => {
  for (const times of [
    { queued_ms: 90, first_token_ms: 20, total_ms: 50 },
    { queued_ms: -5, first_token_ms: 900, total_ms: 50 },
    { total_ms: 0 },
  ])
    for (const { from, to } of segments(turn(times), 0)) assert.ok(from < to && from >= 0 && to <= 50);
});

test('bars stand side by side from the right edge, and those that do not fit are the oldest', () => {
  const turns = Array.from({ length: 40 }, (_, at) => turn({ id: `resp_${at}`, total_ms: 50 * (at + 1) }));
  const bars = layout(turns, 400, 0);
  assert.equal(bars.at(-1)!.id, 'resp_39');
  assert.ok(bars.length < 40 && bars[0]!.x >= 0 && bars.at(-1)!.x + bars.at(-1)!.width <= 400);
  for (let at = 1; at < bars.length; at++) assert.ok(bars[at]!.x >= bars[at - 1]!.x + bars[at - 1]!.width);
  for (const bar of bars) assert.equal(barAt(bars, bar.x + bar.width / 2)!.id, bar.id);
});

test('bars that all fit begin at the left edge', () => {
  const bars = layout([turn({ id: 'a', total_ms: 100 }), turn({ id: 'b', total_ms: 2000 })], 400, 0);
  assert.deepEqual([bars.map(bar => bar.id), bars[0]!.x], [['a', 'b'], 1]);
  assert.deepEqual(layout([], 400, 0), []);
});

test('on the axis of time only what is in the window is drawn, where it was', () => {
  const bars = layoutInTime(
    [turn({ id: 'old', at: 0, total_ms: 10 }), turn({ id: 'in', at: 70_000, total_ms: 6_000 })],
    600,
    100_000,
    60_000,
  );
  assert.deepEqual(
    bars.map(({ id, x, width }) => ({ id, x, width })),
    [{ id: 'in', x: 300, width: 60 }],
  );
});

test("a chain's tree keeps a branch in its column and gives each fork one of its own", () => {
  const chain = ([['a'], ['b', 'a'], ['c', 'b'], ['d', 'b'], ['e', 'c'], ['f', 'd'], ['g', 'a']] as const).map(([id, parent], at) =>
    turn({ id, parent, at }),
  );
  const columns = Object.fromEntries(treeOf(chain).map(node => [node.turn.id, node.column]));
  assert.deepEqual(columns, { a: 0, b: 0, c: 0, d: 1, e: 0, f: 1, g: 0 });
  assert.deepEqual(
    treeOf(chain)
      .filter(node => node.forks > 1)
      .map(node => node.turn.id),
    ['a', 'b'],
  );
});

test('a chain is all that hangs together, also where it was cut or goes in a circle', () => {
  const turns = new Map(
    ([['a', 'gone'], ['b', 'a'], ['c', 'a'], ['x'], ['y', 'x'], ['r', 's'], ['s', 'r']] as const).map(([id, parent]) => [
      id as string,
      turn({ id, parent }),
    ]),
  );
  assert.deepEqual(
    chainOf(turns, 'c')
      .map(one => one.id)
      .sort(),
    ['a', 'b', 'c'],
  );
  assert.deepEqual(
    chainOf(turns, 'r')
      .map(one => one.id)
      .sort(),
    ['r', 's'],
  );
  assert.deepEqual(chainOf(turns, 'nobody'), []);
});

test('rows stand by session and never move while their turns go on', () => {
  const server = new Simulation({ sessions: 60, seed: 5, now: 1_700_000_000_000 });
  const ids = () => rowsOf(worldOf(server.state() as PageState), '').map(row => row.lane.id);
  const before = ids();
  for (let at = 0; at < 40; at++) server.step(500);
  assert.deepEqual(ids(), before);
  const rows = rowsOf(worldOf(server.state() as PageState), '');
  assert.equal(rows.filter(row => row.isFirst).length, 60);
});

test('every word of a filter must be there, and states are asked for by name', () => {
  const world = worldOf(new Simulation({ sessions: 80, seed: 5, now: 1_700_000_000_000 }).state() as PageState);
  const all = rowsOf(world, '');
  const running = rowsOf(world, 'is:running');
  assert.ok(running.length > 0 && running.length < all.length);
  assert.ok(running.every(row => row.turn!.stage !== 'ended' && row.turn!.stage !== 'queue'));
  assert.deepEqual(
    rowsOf(world, 'CODEX kv:upstream').map(row => row.lane.id),
    all.filter(row => row.session!.client?.includes('codex') && row.lane.kv === 'upstream').map(row => row.lane.id),
  );
  const one = [...world.turns.keys()][7]!;
  assert.deepEqual(turnsOf(world, one).filter(found => found.id === one).length, 1);
  assert.equal(rowsOf(world, 'no-such-thing').length, 0);
});

test('events are whole however the stream is cut', () => {
  const stream = ': ping\nevent: state\r\nid: 7-1\r\ndata: {"a":\ndata: 1}\n\nid: 7-2\ndata:x\n\nevent: open\n\ndata: cut off';
  for (let size = 1; size < stream.length; size++) {
    const found: ServerEvent[] = [];
    const take = eventReader(event => found.push(event));
    for (let at = 0; at < stream.length; at += size) take(stream.slice(at, at + size));
    assert.deepEqual(found, [
      { event: 'state', id: '7-1', data: '{"a":\n1}' },
      { event: 'message', id: '7-2', data: 'x' },
    ]);
  }
});

test('a rate is that of the last whole seconds and forgets after a minute', () => {
  const rate = new Rate();
  for (let second = 0; second < 10; second++) rate.add(50, second * 1000 + 10);
  assert.equal(rate.perSecond(10_000), 50);
  assert.equal(rate.history(10_000).length, 59);
  assert.equal(rate.perSecond(12_000), 30);
  assert.ok(rate.history(200_000).every(value => value === 0));
});

test('waits grow, have a bound, and differ from page to page', () => {
  const waits = [0, 1, 2, 3, 50].map(attempt => backoffMs(attempt, () => 0.5));
  assert.deepEqual(waits, [500, 1000, 2000, 4000, 15_000]);
  assert.ok(backoffMs(3, () => 0) < 4000 && backoffMs(3, () => 0.99) > 4000);
});
