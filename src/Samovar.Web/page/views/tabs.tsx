import { count } from '../figures/format.ts';
import type { TimelineMode } from '../state/choices.ts';
import type { World } from '../state/world.ts';

export type Tab = 'sessions' | 'turns' | 'prefixes' | 'pools' | 'models';

export const tabs: readonly { id: Tab; label: string; size: (world: World) => number }[] = [
  { id: 'sessions', label: 'Sessions', size: world => world.sessions.size },
  { id: 'turns', label: 'Turns', size: world => world.turns.size },
  { id: 'prefixes', label: 'Prefixes', size: world => world.prefixes.size },
  { id: 'pools', label: 'Pools', size: world => world.pools.size },
  { id: 'models', label: 'Models', size: world => world.models.size },
];

interface Props {
  world: World;
  tab: Tab;
  onTab: (tab: Tab) => void;
  mode: TimelineMode;
  onMode: (mode: TimelineMode) => void;
}

export function Tabs({ world, tab, onTab, mode, onMode }: Props) {
  const turn = (event: KeyboardEvent) => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (by === 0) return;
    event.preventDefault();
    const next = tabs[(tabs.findIndex(({ id }) => id === tab) + by + tabs.length) % tabs.length]!.id;
    onTab(next);
    document.getElementById(`tab-${next}`)?.focus();
  };
  return (
    <div class="tab-line">
      <div class="tabs" role="tablist" aria-label="What is shown" onKeyDown={turn}>
        {tabs.map(({ id, label, size }) => (
          <button
            type="button"
            role="tab"
            id={`tab-${id}`}
            aria-controls="panel"
            aria-selected={tab === id}
            tabIndex={tab === id ? 0 : -1}
            onClick={() => onTab(id)}
          >
            {label}
            <span class="size">{count(size(world))}</span>
          </button>
        ))}
      </div>
      {tab === 'sessions' && (
        <>
          <p class="legend bar-legend">
            <span>
              <i class="key fill-queued" />
              queued
            </span>
            <span>
              <i class="key fill-prefill" />
              prefill
            </span>
            <span>
              <i class="key fill-decode" />
              decode
            </span>
            <span class="strip">
              <i class="key thin fill-cached" />
              cached
            </span>
            <span class="strip">
              <i class="key thin fill-prefill" />
              new input
            </span>
          </p>
          <div class="switch" role="radiogroup" aria-label="Timelines">
            {(
              [
                ['turns', 'Turns'],
                ['time', '60 s'],
              ] as const
            ).map(([id, label]) => (
              <button type="button" role="radio" aria-checked={mode === id} onClick={() => onMode(id)}>
                {label}
              </button>
            ))}
          </div>
        </>
      )}
    </div>
  );
}
