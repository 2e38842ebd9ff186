import { collectionNames, type Collections, type PageDelta, type PageServer, type PageState, type PageTotals } from './contract.ts';

export type Maps = { [name in keyof Collections]: Map<string, Collections[name]> };

/** What the page knows at one moment. Objects in it are never changed, only replaced: a row whose objects are the same is the same. */
export interface World extends Maps {
  seq: number;
  server: PageServer;
  totals: PageTotals;
}

export function worldOf(state: PageState): World {
  const maps = Object.fromEntries(collectionNames.map(name => [name, new Map(Object.entries(state[name] ?? {}))])) as unknown as Maps;
  return { seq: state.seq, server: state.server, totals: state.totals, ...maps };
}

/** Applies what changed, in place. A delta that the state has already, as after a connection that broke, changes nothing. */
export function apply(world: World, delta: PageDelta): void {
  if (delta.seq <= world.seq) return;
  world.seq = delta.seq;
  if (delta.server) world.server = delta.server;
  if (delta.totals) world.totals = delta.totals;
  for (const name of collectionNames) {
    const map = world[name] as Map<string, unknown>;
    for (const id of delta.gone?.[name] ?? []) map.delete(id);
    if (name === 'turns' && delta.gone?.lanes) dropTurnsOf(world, new Set(delta.gone.lanes));
    const changed = delta[name];
    for (const id in changed) map.set(id, changed[id]);
  }
}

/** A turn whose lane is gone is gone, too. */
function dropTurnsOf(world: World, lanes: Set<string>): void {
  for (const [id, turn] of world.turns) if (lanes.has(turn.lane)) world.turns.delete(id);
}

/** A copy that stays as it is while the world goes on. */
export const frozen = (world: World): World => ({
  ...world,
  sessions: new Map(world.sessions),
  lanes: new Map(world.lanes),
  turns: new Map(world.turns),
  prefixes: new Map(world.prefixes),
  pools: new Map(world.pools),
  models: new Map(world.models),
});

/** Output tokens that a delta brings, counted turn by turn, so that running turns count while they run. */
export function outputIn(world: World, delta: PageDelta): number {
  let tokens = 0;
  for (const id in delta.turns ?? {}) tokens += Math.max(0, delta.turns![id]!.output_tokens - (world.turns.get(id)?.output_tokens ?? 0));
  return tokens;
}

/** Output tokens that a delta brings of each model. */
export function outputByModel(world: World, delta: PageDelta): Map<string, number> {
  const tokens = new Map<string, number>();
  for (const name in delta.models ?? {}) {
    const before = world.models.get(name);
    if (before) tokens.set(name, Math.max(0, delta.models![name]!.output_tokens - before.output_tokens));
  }
  return tokens;
}
