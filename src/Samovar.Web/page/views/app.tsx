import { useEffect, useRef, useState } from 'preact/hooks';
import { forgetColours } from '../figures/painter.ts';
import { keep, kept, showTheme, themes, type TimelineMode } from '../state/choices.ts';
import type { Live } from '../state/live.ts';
import { Header } from './header.tsx';
import { Help } from './help.tsx';
import { useLive, useMedia } from './hooks.ts';
import { useKeys } from './keys.ts';
import { Main, type MainActions } from './main.tsx';
import { Banner, Forbidden, Login, Waiting } from './notices.tsx';

/** The page: what it shows follows from how it stands with its server. */
export function App({ live }: { live: Live }) {
  useLive(live);
  const [filter, setFilter] = useState('');
  const [theme, setTheme] = useState(() => kept('theme', themes, 'auto'));
  const [mode, setMode] = useState<TimelineMode>(() => kept('timeline', ['turns', 'time'], 'turns'));
  const [helps, setHelps] = useState(false);
  const filterBox = useRef<HTMLInputElement>(null);
  const actions = useRef<MainActions>({});
  const isDark = useMedia('(prefers-color-scheme: dark)');
  const nextTheme = () => setTheme(before => themes[(themes.indexOf(before) + 1) % themes.length]!);
  const nextMode = (wanted?: TimelineMode) => setMode(before => wanted ?? (before === 'turns' ? 'time' : 'turns'));
  useEffect(() => {
    showTheme(theme);
    keep('theme', theme);
    forgetColours();
  }, [theme, isDark]);
  useEffect(() => keep('timeline', mode), [mode]);
  useKeys(actions, {
    filter: () => filterBox.current?.focus(),
    leaveFilter: () => (setFilter(''), filterBox.current?.blur()),
    theme: nextTheme,
    mode: () => nextMode(),
    help: () => setHelps(true),
    pause: () => live.pause(),
  });
  const { link, shown } = live;
  const isKnown = shown !== null && link.is !== 'login' && link.is !== 'forbidden';
  return (
    <div class={`page ${link.is === 'lost' ? 'page-lost' : ''}`}>
      <Header
        live={live}
        filter={filter}
        onFilter={setFilter}
        filterBox={filterBox}
        theme={theme}
        onTheme={nextTheme}
        onHelp={() => setHelps(true)}
        mayLogOut={isKnown && kept('login', ['yes', 'no'], 'no') === 'yes'}
        onLogout={() => void live.logout()}
      />
      {isKnown && <Banner link={link} isDraining={shown.server.draining} onAgain={() => live.again()} />}
      {link.is === 'login' ? (
        <Login onLogin={key => live.login(key)} />
      ) : link.is === 'forbidden' ? (
        <Forbidden why={link.why} onLogout={() => void live.logout()} />
      ) : shown === null ? (
        <Waiting link={link} onAgain={() => live.again()} />
      ) : (
        <Main live={live} world={shown} filter={filter} mode={mode} onMode={nextMode} theme={`${theme}${isDark}`} actions={actions} />
      )}
      {helps && <Help onClose={() => setHelps(false)} />}
    </div>
  );
}
