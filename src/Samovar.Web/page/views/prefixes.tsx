import { count, shortId } from '../figures/format.ts';
import type { World } from '../state/world.ts';
import { matcher } from '../figures/rows.ts';
import { Place } from './lanes.tsx';

/** Starts that several chains share or that are kept warm, and who uses them. */
export function Prefixes({ world, filter, onLane }: { world: World; filter: string; onLane: (lane: string) => void }) {
  const wanted = matcher(filter);
  const prefixes = [...world.prefixes.values()]
    .filter(prefix => wanted(() => [prefix.id, prefix.name ?? '', prefix.warm ?? '', prefix.kv, ...prefix.users].join(' ').toLowerCase()))
    .sort((one, other) => other.hits - one.hits || (one.id < other.id ? -1 : 1));
  if (prefixes.length === 0)
    return <p class="nothing">{filter ? 'No shared prefix has these words.' : 'No two chains share a start yet, and none is kept warm.'}</p>;
  const longest = Math.max(...prefixes.map(prefix => prefix.tokens));
  return (
    <ul class="cards" aria-label="Shared prefixes">
      {prefixes.map(prefix => (
        <li class="card" key={prefix.id}>
          <header>
            {prefix.name ? <b title={prefix.id}>{prefix.name}</b> : <code title={prefix.id}>{shortId(prefix.id)}</code>}
            <Place kv={prefix.kv} />
          </header>
          <p class="card-figures">
            <b>{count(prefix.tokens)}</b> {prefix.tokens === 1 ? 'token' : 'tokens'} · found <b>{count(prefix.hits)}</b>{' '}
            {prefix.hits === 1 ? 'time' : 'times'}
            {prefix.warm && ' · kept warm'}
          </p>
          <svg class="shares" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
            <rect class="fill-faint" width="100" height="1" />
            <rect class="fill-cached" width={(prefix.tokens / longest) * 100} height="1" />
          </svg>
          <p class="users">
            <span class="muted">Used by</span>
            {prefix.users.map(id => (
              <button type="button" class="link" key={id} title={id} onClick={() => onLane(id)}>
                {nameOf(world, id)}
              </button>
            ))}
            {prefix.users.length === 0 && <span class="muted">nobody now</span>}
          </p>
        </li>
      ))}
    </ul>
  );
}

function nameOf(world: World, id: string): string {
  const lane = world.lanes.get(id);
  const session = lane && world.sessions.get(lane.session);
  return [session?.client ?? shortId(lane?.session ?? id), lane?.name].filter(Boolean).join(' · ');
}
