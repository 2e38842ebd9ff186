import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Simulation } from '../dev/simulation.mjs';
import type { PageDelta, PageState } from '../page/state/contract.ts';
import { apply, frozen, outputIn, worldOf } from '../page/state/world.ts';

const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
const simulate = () => new Simulation({ sessions: 30, seed: 3, now: 1_700_000_000_000 });
const asObject = (world: object) =>
  copy(Object.fromEntries(Object.entries(world).map(([name, value]) => [name, value instanceof Map ? Object.fromEntries(value) : value])));

test('a state and its deltas are what the server has at the end', () => {
  const server = simulate();
  const world = worldOf(copy(server.state()) as PageState);
  for (let at = 0; at < 400; at++) apply(world, copy(server.step(250)) as PageDelta);
  const wanted = copy(server.state()) as PageState;
  assert.deepEqual(asObject({ ...world, server: null }), { ...wanted, server: null });
  assert.ok(world.turns.size > 100);
});

test('a delta that is in the state already changes nothing', () => {
  const server = simulate();
  const old = copy(server.step(5000)) as PageDelta;
  for (let at = 0; at < 40; at++) server.step(500);
  const world = worldOf(copy(server.state()) as PageState);
  const before = asObject(world);
  apply(world, old);
  assert.deepEqual(asObject(world), before);
});

test('what is not in a delta stays the same object, so that its row is not drawn again', () => {
  const server = simulate();
  const world = worldOf(copy(server.state()) as PageState);
  const before = new Map(world.lanes);
  const delta = copy(server.step(250)) as PageDelta;
  apply(world, delta);
  for (const [id, lane] of before) assert.equal(world.lanes.get(id) === lane, !(id in (delta.lanes ?? {})));
});

test("turns of a lane that is gone are gone, and nobody else's", () => {
  const world = worldOf(copy(simulate().state()) as PageState);
  const [gone, ...others] = [...world.lanes.keys()];
  apply(world, { seq: world.seq + 1, gone: { lanes: [gone!] } });
  assert.deepEqual(
    new Set([...world.turns.values()].map(turn => turn.lane)),
    new Set(others.filter(id => world.lanes.get(id)!.turns.length > 0)),
  );
});

test('a frozen world stays as it was', () => {
  const server = simulate();
  const world = worldOf(copy(server.state()) as PageState);
  const held = frozen(world);
  const before = asObject(held);
  for (let at = 0; at < 20; at++) apply(world, copy(server.step(500)) as PageDelta);
  assert.deepEqual(asObject(held), before);
});

test('output is counted while a turn runs, once', () => {
  const world = worldOf({ ...simulate().state(), turns: {} } as unknown as PageState);
  const turn = (output_tokens: number) => ({ id: 'resp_a', output_tokens }) as never;
  let seq = world.seq;
  const bring = (tokens: number) => {
    const delta: PageDelta = { seq: ++seq, turns: { resp_a: turn(tokens) } };
    const counted = outputIn(world, delta);
    apply(world, delta);
    return counted;
  };
  assert.deepEqual([3, 10, 10, 4].map(bring), [3, 7, 0, 0]);
});
