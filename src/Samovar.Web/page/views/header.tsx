import type { RefObject } from 'preact';
import { count } from '../figures/format.ts';
import type { Theme } from '../state/choices.ts';
import type { Live } from '../state/live.ts';
import { Emblem, Icon } from './marks.tsx';

interface Props {
  live: Live;
  filter: string;
  onFilter: (filter: string) => void;
  filterBox: RefObject<HTMLInputElement | null>;
  theme: Theme;
  onTheme: () => void;
  onHelp: () => void;
  mayLogOut: boolean;
  onLogout: () => void;
}

/** Whose page it is, how it stands with its server, and what one can do. */
export function Header({ live, filter, onFilter, filterBox, theme, onTheme, onHelp, mayLogOut, onLogout }: Props) {
  const world = live.shown;
  const server = world?.server;
  return (
    <header class="top">
      <div class="name">
        <Emblem />
        <span class="word">Samovar</span>
        {server && (
          <span class="muted version" title={server.version}>
            {server.version.split('+')[0]}
          </span>
        )}
      </div>
      {server && (
        <p class="whose muted">
          {[
            server.model,
            server.tenant ? `tenant ${server.tenant}` : 'all tenants',
            server.streams > 0 && `${count(server.streams)} streams`,
            `store ${server.store}`,
          ]
            .filter(Boolean)
            .join(' · ')}
        </p>
      )}
      {world && <Status live={live} />}
      {world && (
        <div class="search">
          <input
            ref={filterBox}
            type="search"
            placeholder="Filter"
            aria-label="Filter rows"
            aria-keyshortcuts="/"
            spellcheck={false}
            autocomplete="off"
            value={filter}
            onInput={event => onFilter(event.currentTarget.value)}
          />
          <kbd aria-hidden="true">/</kbd>
        </div>
      )}
      <div class="tools">
        {world && (
          <button
            type="button"
            class="icon-button"
            aria-pressed={live.isPaused}
            aria-keyshortcuts="p"
            title="Pause (p)"
            aria-label={live.isPaused ? 'Go on' : 'Pause'}
            onClick={() => live.pause()}
          >
            <Icon name={live.isPaused ? 'play' : 'pause'} />
          </button>
        )}
        <button type="button" class="icon-button" title={`Theme: ${theme} (d)`} aria-label={`Theme: ${theme}`} onClick={onTheme}>
          <Icon name={theme} />
        </button>
        <button type="button" class="icon-button" aria-label="Help" title="Help (?)" aria-keyshortcuts="?" onClick={onHelp}>
          <Icon name="help" />
        </button>
        {mayLogOut && (
          <button type="button" class="icon-button" aria-label="Log out" title="Log out" onClick={onLogout}>
            <Icon name="out" />
          </button>
        )}
      </div>
    </header>
  );
}

function Status({ live }: { live: Live }) {
  const isDraining = live.shown?.server.draining === true;
  const [kind, text] =
    live.link.is === 'lost'
      ? ['lost', 'Reconnecting']
      : live.isPaused
        ? ['paused', 'Paused']
        : live.link.is !== 'live'
          ? ['lost', 'Connecting']
          : isDraining
            ? ['draining', 'Draining']
            : ['live', 'Live'];
  return (
    <p class={`status status-${kind}`}>
      <span role="status">{text}</span>
      {live.isPaused && live.behind > 0 && <span class="muted"> {count(live.behind)} updates behind</span>}
    </p>
  );
}
