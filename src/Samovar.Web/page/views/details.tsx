import type { ComponentChildren } from 'preact';
import { bytes, clock, count, duration, percent, saving } from '../figures/format.ts';
import { missSentence, words } from '../figures/reasons.ts';
import { isRunning, lengthMs, segments, type Part } from '../figures/timeline.ts';
import type { PageSession, PageTurn } from '../state/contract.ts';
import type { World } from '../state/world.ts';
import { Place } from './lanes.tsx';
import { Icon, Shares } from './marks.tsx';
import { Copied } from './notices.tsx';
import { markOf, title } from './stage.tsx';
import { Tree } from './tree.tsx';

interface Props {
  id: string;
  world: World;
  now: number;
  onPick: (id: string) => void;
  onClose: () => void;
}

const partNames: Record<Part, string> = { queued: 'queued', prefill: 'to the first token', decode: 'decode' };

/** All that is known of a turn. */
export function Details({ id, world, now, onPick, onClose }: Props) {
  const turn = world.turns.get(id);
  const tenant = world.server.tenant === undefined ? sessionOf(world, turn)?.tenant : undefined;
  return (
    <aside class="details" aria-label="Details of a turn" tabIndex={-1}>
      <header>
        <h2>Turn</h2>
        <Copied text={id} short={id.length > 30 ? `${id.slice(0, 12)}…${id.slice(-10)}` : id} />
        <button type="button" class="icon-button close" aria-label="Close the details" onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      <div class="details-body">
        {turn ? <Known turn={turn} world={world} now={now} /> : <p class="muted">The page no longer has this turn.</p>}
        <p>
          <a href={`/page/trace/${encodeURIComponent(id)}`} target="_blank" rel="noopener">
            <Icon name="link" />
            Trace of this turn
          </a>
        </p>
        <Tree id={id} turns={world.turns} tenant={tenant} onPick={onPick} />
      </div>
    </aside>
  );
}

function Known({ turn, world, now }: { turn: PageTurn; world: World; now: number }) {
  const lane = world.lanes.get(turn.lane);
  const session = sessionOf(world, turn);
  const parts = segments(turn, now);
  const computed = Math.max(turn.prefill_tokens, turn.input_tokens - turn.cached_tokens);
  return (
    <>
      <p class="details-state">
        <span class={`stage stage-${markOf(turn)}`}>{title(turn)}</span>
        {isRunning(turn) ? ' since ' : ' · '}
        {clock(turn.at)} · {duration(lengthMs(turn, now))}
      </p>
      {turn.error && (
        <p class="why why-failed">
          <b>{turn.error}</b>
        </p>
      )}
      {turn.miss && (
        <p class="why">
          <b>Cold: {words(turn.miss)}.</b> {missSentence(turn.miss)}
        </p>
      )}
      <Measure name="Time" value={duration(lengthMs(turn, now))}>
        <Shares parts={parts.map(part => ({ value: part.to - part.from, kind: part.part }))} label="Where its time went" />
        <Legend items={parts.map(part => [part.part, partNames[part.part], duration(part.to - part.from)])} />
      </Measure>
      <Measure name="Input" value={`${count(turn.input_tokens)} tokens`}>
        <Shares
          parts={[
            { value: turn.cached_tokens, kind: 'cached' },
            { value: computed, kind: 'prefill' },
          ]}
          label="Cached and computed"
        />
        <Legend
          items={[
            ['cached', `cached, ${percent(turn.cached_tokens, turn.input_tokens)}`, count(turn.cached_tokens)],
            [
              'prefill',
              isRunning(turn) && turn.prefill_tokens > 0 ? `to compute, ${count(turn.prefilled_tokens)} done` : 'computed',
              count(computed),
            ],
          ]}
        />
      </Measure>
      <Measure name="Sent" value={bytes(turn.bytes_up)}>
        <Shares
          parts={[
            { value: turn.bytes_up, kind: 'decode' },
            { value: Math.max(0, turn.bytes_stateless - turn.bytes_up), kind: 'faint' },
          ]}
          label="Sent against what stateless HTTP would have sent"
        />
        <p class="legend">
          {saving(turn.bytes_up, turn.bytes_stateless)} against {bytes(turn.bytes_stateless)} over stateless HTTP
        </p>
      </Measure>
      <dl class="fields">
        <Field name="Output" value={`${count(turn.output_tokens)} tokens`} />
        <Field name="Model" value={turn.model ?? lane?.model} />
        <Field name="Destination" value={turn.destination} />
        <Field name="Affinity" value={turn.affinity && words(turn.affinity)} />
        <Field name="Continues" value={turn.parent && <code>{turn.parent}</code>} />
        <Field name="Conversation" value={turn.conversation && <code>{turn.conversation}</code>} />
        <Field
          name="Session"
          value={session && `${session.client ?? session.id} · ${session.transport === 'websocket' ? 'WebSocket' : 'HTTP'}`}
        />
        <Field name="Lane" value={lane && (lane.name ?? 'default')} />
        <Field name="Tenant" value={session?.tenant} />
        <Field name="KV of the lane" value={lane && <Place kv={lane.kv} at={lane.kv_at} />} />
        <Field name="Failed attempts" value={turn.faults?.length ? turn.faults.map(words).join(', ') : undefined} />
      </dl>
    </>
  );
}

function sessionOf(world: World, turn: PageTurn | undefined): PageSession | undefined {
  const lane = turn && world.lanes.get(turn.lane);
  return lane && world.sessions.get(lane.session);
}

const Measure = ({ name, value, children }: { name: string; value: string; children: ComponentChildren }) => (
  <div class="measure">
    <p class="measure-name">
      {name}
      <b>{value}</b>
    </p>
    {children}
  </div>
);

const Legend = ({ items }: { items: [string, string, string][] }) => (
  <p class="legend">
    {items.map(([kind, name, value]) => (
      <span>
        <i class={`key fill-${kind}`} />
        {name} <b>{value}</b>
      </span>
    ))}
  </p>
);

const Field = ({ name, value }: { name: string; value: ComponentChildren }) =>
  value === undefined || value === null || value === '' || value === false ? null : (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
