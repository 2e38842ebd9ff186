import { bytes, count, duration, percent } from '../figures/format.ts';
import { matcher } from '../figures/rows.ts';
import { words } from '../figures/reasons.ts';
import type { PageModel } from '../state/contract.ts';
import type { Live } from '../state/live.ts';
import type { World } from '../state/world.ts';
import { Shares } from './marks.tsx';

/** The models that this server computes itself: which are loaded, what each holds and how fast it writes. */
export function Models({ world, live, filter }: { world: World; live: Live; filter: string }) {
  const wanted = matcher(filter);
  const models = [...world.models.values()].filter(model => wanted(() => `${model.name} ${model.state}`.toLowerCase()));
  if (models.length === 0)
    return (
      <p class="nothing">
        {filter
          ? 'No model has these words.'
          : world.server.tenant
            ? 'Models are shown to operators.'
            : 'This server has no model of its own: its upstreams answer.'}
      </p>
    );
  return (
    <div class="pools">
      <section class="pool" aria-label="Models">
        <div class="scrolls">
          <table>
            <thead>
              <tr>
                <th scope="col">Model</th>
                <th scope="col">State</th>
                <th scope="col">Streams</th>
                <th scope="col">Memory</th>
                <th scope="col">KV in streams</th>
                <th scope="col">Parked</th>
                <th scope="col">Cached</th>
                <th scope="col">Output</th>
              </tr>
            </thead>
            <tbody>
              {models.map(model => (
                <Model one={model} perSecond={live.rates.get(model.name)?.perSecond(Date.now()) ?? 0} key={model.name} />
              ))}
            </tbody>
          </table>
        </div>
      </section>
    </div>
  );
}

const Model = ({ one, perSecond }: { one: PageModel; perSecond: number }) => (
  <tr class={one.state === 'failed' ? 'refused' : ''}>
    <th scope="row">
      {one.name}
      <small>{one.load_ms !== undefined && `loaded ${count(one.loads)} × in ${duration(one.load_ms)}`}</small>
    </th>
    <td>
      <span class={`state ${one.state === 'failed' ? 'state-refused' : one.state === 'loaded' ? 'state-ready' : ''}`}>
        {one.state === 'loaded' ? 'ready' : words(one.state)}
      </span>
      <small>
        {one.fault ?? ''}
        {one.waiting > 0 ? `${count(one.waiting)} waiting` : ''}
      </small>
    </td>
    <td class="flight">
      {count(one.streams_busy)}
      <span class="muted"> / {count(one.streams)}</span>
    </td>
    <td>{bytes(one.bytes)}</td>
    <td class="flight">
      {count(one.kv_tokens)}
      <span class="muted"> / {count(one.kv_tokens_max)}</span>
      <Shares
        parts={[
          { value: one.kv_tokens, kind: 'place-stream' },
          { value: Math.max(0, one.kv_tokens_max - one.kv_tokens), kind: 'faint' },
        ]}
        label={`${percent(one.kv_tokens, one.kv_tokens_max)} of its cells`}
      />
    </td>
    <td>
      {bytes(one.parked_bytes)}
      <span class="muted"> / {bytes(one.parked_bytes_max)}</span>
    </td>
    <td>{percent(one.cached_tokens, one.input_tokens)}</td>
    <td>
      {count(one.output_tokens)}
      <small>{count(perSecond)} tokens/s</small>
    </td>
  </tr>
);
