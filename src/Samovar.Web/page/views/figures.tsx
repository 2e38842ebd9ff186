import type { ComponentChildren } from 'preact';
import { bytes, count, percent, saving } from '../figures/format.ts';
import { placeName } from '../figures/reasons.ts';
import type { World } from '../state/world.ts';
import { Shares, Spark } from './marks.tsx';

interface FigureProps {
  id: string;
  label: string;
  value: string;
  unit?: string;
  children: ComponentChildren;
}

const Figure = ({ id, label, value, unit, children }: FigureProps) => (
  <div class="figure" id={`figure-${id}`}>
    <dt>{label}</dt>
    <dd>
      <strong>{value}</strong>
      {unit && <span class="unit">{unit}</span>}
      {children}
    </dd>
  </div>
);

interface Props {
  world: World;
  perSecond: number;
  history: number[];
}

/** What the server has done and does, in five figures. */
export function Figures({ world: { totals }, perSecond, history }: Props) {
  const computed = Math.max(0, totals.input_tokens - totals.cached_tokens);
  const failed = totals.failed > 0 ? `, ${count(totals.failed)} failed` : '';
  return (
    <dl class="figures" aria-label="Since the server started">
      <Figure id="sessions" label="Sessions open" value={count(totals.sessions_open)}>
        <p>
          <b class="ink-decode">{count(totals.running)}</b> running · <b>{count(totals.queued)}</b> queued
        </p>
        <p>
          {count(totals.turns)} turns{failed}
        </p>
      </Figure>
      <Figure id="sent" label="Sent by clients" value={bytes(totals.bytes_up)} unit={saving(totals.bytes_up, totals.bytes_stateless)}>
        <Shares
          parts={[
            { value: totals.bytes_up, kind: 'decode' },
            { value: Math.max(0, totals.bytes_stateless - totals.bytes_up), kind: 'faint' },
          ]}
          label={`${percent(totals.bytes_up, totals.bytes_stateless)} of what stateless HTTP would have sent`}
        />
        <p>
          Stateless HTTP: <b>{bytes(totals.bytes_stateless)}</b>
        </p>
      </Figure>
      <Figure id="cached" label="Input found cached" value={percent(totals.cached_tokens, totals.input_tokens)}>
        <Shares
          parts={[
            { value: totals.cached_tokens, kind: 'cached' },
            { value: computed, kind: 'prefill' },
          ]}
          label={`${count(totals.cached_tokens)} cached, ${count(computed)} computed`}
        />
        <p>
          <b>{count(computed)}</b> of <b>{count(totals.input_tokens)}</b> computed
        </p>
      </Figure>
      <Figure id="output" label="Output" value={count(perSecond)} unit="tokens/s">
        <Spark values={history} label="Output tokens per second, the last minute" />
        <p>{count(totals.output_tokens)} tokens in all</p>
      </Figure>
      {totals.kv_tokens && <Kv kv={totals.kv_tokens} />}
    </dl>
  );
}

function Kv({ kv }: { kv: Record<string, number> }) {
  const held = Object.entries(kv).filter(([, tokens]) => tokens > 0);
  const whole = held.reduce((sum, [, tokens]) => sum + tokens, 0);
  return (
    <Figure id="kv" label="KV held" value={count(whole)} unit="tokens">
      <Shares
        parts={held.map(([kind, value]) => ({ value, kind: `place-${kind}` }))}
        label={held.map(([kind, tokens]) => `${placeName(kind)} ${count(tokens)}`).join(', ')}
      />
      <p class="legend">
        {held.map(([kind, tokens]) => (
          <span>
            <i class={`key fill-place-${kind}`} />
            {placeName(kind)} <b>{count(tokens)}</b>
          </span>
        ))}
      </p>
    </Figure>
  );
}
