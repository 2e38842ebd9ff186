import { count, duration, percent } from '../figures/format.ts';
import { words } from '../figures/reasons.ts';
import type { PageDestination, PagePool } from '../state/contract.ts';
import type { World } from '../state/world.ts';
import { matcher } from '../figures/rows.ts';
import { Shares } from './marks.tsx';

/** Pools with their destinations: what state each is in, and why. */
export function Pools({ world, filter }: { world: World; filter: string }) {
  const wanted = matcher(filter);
  const pools = [...world.pools.values()].filter(pool =>
    wanted(() => [pool.name, ...pool.destinations.map(one => `${one.name} ${one.kind} ${one.refusal ?? ''}`)].join(' ').toLowerCase()),
  );
  if (pools.length === 0)
    return (
      <p class="nothing">
        {filter
          ? 'No pool has these words.'
          : world.server.tenant
            ? 'Pools are shown to operators.'
            : 'This server has no upstreams: its own engine answers.'}
      </p>
    );
  return (
    <div class="pools">
      {pools.map(pool => (
        <Pool pool={pool} key={pool.name} />
      ))}
    </div>
  );
}

const Pool = ({ pool }: { pool: PagePool }) => (
  <section class="pool" aria-label={`Pool ${pool.name}`}>
    <header>
      <h2>{pool.name}</h2>
      <p>
        {pool.destinations.filter(one => !one.refusal).length} of {pool.destinations.length} ready
        {pool.waiting > 0 && (
          <>
            {' '}
            · <b>{count(pool.waiting)}</b> of at most {count(pool.waiting_max)} waiting
          </>
        )}
      </p>
    </header>
    <div class="scrolls">
      <table>
        <thead>
          <tr>
            <th scope="col">Destination</th>
            <th scope="col">State</th>
            <th scope="col">In flight</th>
            <th scope="col">First output</th>
            <th scope="col">Cached</th>
            <th scope="col">Attempts</th>
            <th scope="col">Failed</th>
          </tr>
        </thead>
        <tbody>
          {pool.destinations.map(one => (
            <Destination one={one} key={one.name} />
          ))}
        </tbody>
      </table>
    </div>
  </section>
);

const wait = (seconds: number) => (seconds < 60 ? `${Math.ceil(seconds)} s` : duration(seconds * 1000));

const Destination = ({ one }: { one: PageDestination }) => (
  <tr class={one.refusal ? 'refused' : ''}>
    <th scope="row">
      {one.name}
      <small>{one.kind}</small>
    </th>
    <td>
      <span class={`state ${one.refusal ? 'state-refused' : 'state-ready'}`}>{one.refusal ? words(one.refusal) : 'ready'}</span>
      <small>
        {one.retry_after_seconds ? `again in ${wait(one.retry_after_seconds)}` : ''}
        {one.retry_after_seconds && one.last_fault ? ' · ' : ''}
        {one.last_fault ? `last fault: ${words(one.last_fault)}` : ''}
      </small>
    </td>
    <td class="flight">
      {count(one.in_flight)}
      <span class="muted"> / {count(one.in_flight_max)}</span>
      <Shares
        parts={[
          { value: one.in_flight, kind: 'decode' },
          { value: Math.max(0, one.in_flight_max - one.in_flight), kind: 'faint' },
        ]}
        label={`${one.in_flight} of ${one.in_flight_max}`}
      />
    </td>
    <td>{duration(one.first_output_ms)}</td>
    <td>{percent(one.cached_tokens, one.input_tokens)}</td>
    <td>{count(one.attempts)}</td>
    <td>{one.faults > 0 ? `${count(one.faults)} · ${percent(one.faults, one.attempts)}` : '0'}</td>
  </tr>
);
