import type { RefObject } from 'preact';
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { rowsOf, turnsOf } from '../figures/rows.ts';
import type { TimelineMode } from '../state/choices.ts';
import type { PageTurn } from '../state/contract.ts';
import type { Live } from '../state/live.ts';
import type { World } from '../state/world.ts';
import { Details } from './details.tsx';
import { Figures } from './figures.tsx';
import { useMedia, useTick } from './hooks.ts';
import { Lane, LanesHead, laneColumns } from './lanes.tsx';
import { Models } from './models.tsx';
import { Empty } from './notices.tsx';
import { Pools } from './pools.tsx';
import { Prefixes } from './prefixes.tsx';
import { tabs, Tabs, type Tab } from './tabs.tsx';
import { TurnRow, TurnsHead, turnColumns } from './turns.tsx';
import { VirtualGrid } from './virtual.tsx';

/** What keys do here; absent: nothing. */
export interface MainActions {
  move?: (by: number) => void;
  turn?: (by: number) => void;
  open?: () => void;
  close?: () => void;
  tab?: (index: number) => void;
  focus?: () => void;
}

interface Props {
  live: Live;
  world: World;
  filter: string;
  mode: TimelineMode;
  onMode: (mode: TimelineMode) => void;
  theme: string;
  actions: RefObject<MainActions>;
}

const timelineHeight = 30;

export function Main({ live, world, filter, mode, onMode, theme, actions }: Props) {
  useTick(1000);
  const [tab, setTab] = useState<Tab>('sessions');
  const [activeLane, setActiveLane] = useState('');
  const [activeTurn, setActiveTurn] = useState('');
  const [picked, setPicked] = useState(''); // the turn of a lane that left and right chose; none: its newest
  const [opened, setOpened] = useState('');
  const [width, setWidth] = useState(0);
  const [column, setColumn] = useState(0);
  const isNarrow = useMedia('(max-width: 759px)');
  const rows = useMemo(() => (tab === 'sessions' ? rowsOf(world, filter) : []), [world, world.seq, filter, tab]);
  const turns = useMemo(() => (tab === 'turns' ? turnsOf(world, filter) : []), [world, world.seq, filter, tab]);
  const hasTenants = useMemo(() => new Set([...world.sessions.values()].map(({ tenant }) => tenant)).size > 1, [world, world.seq]);
  const at = tab === 'sessions' ? rows.findIndex(row => row.lane.id === activeLane) : turns.findIndex(turn => turn.id === activeTurn);
  const turnsOfLane = (lane: { turns: string[] }) => lane.turns.map(id => world.turns.get(id)).filter((turn): turn is PageTurn => !!turn);
  const grid = useRef<HTMLDivElement>(null);
  const timelineWidth = Math.max(0, isNarrow ? width - 32 : column);
  const focus = () => grid.current?.querySelector<HTMLElement>('[role=grid], .cards, .pools')?.focus();

  const open = (id: string | undefined) => {
    if (id) setOpened(id);
  };
  const activate = (index: number, turn?: string) => {
    if (tab === 'sessions') {
      setActiveLane(rows[index]?.lane.id ?? '');
      setPicked(turn ?? '');
      if (opened) open(turn ?? rows[index]?.turn?.id);
    } else if (tab === 'turns') {
      setActiveTurn(turns[index]?.id ?? '');
      if (opened) open(turns[index]?.id);
    }
  };
  useLayoutEffect(() => {
    actions.current = {
      tab: index => setTab(tabs[index]!.id),
      focus,
      close: () => (opened ? setOpened('') : filter ? undefined : setPicked('')),
      ...((tab === 'sessions' || tab === 'turns') && {
        move: by => {
          const last = (tab === 'sessions' ? rows.length : turns.length) - 1;
          if (last >= 0) activate(Math.max(0, Math.min(last, at < 0 ? (by === Infinity ? last : 0) : at + by)));
          focus();
        },
        open: () => open(tab === 'turns' ? turns[at]?.id : picked || rows[at]?.turn?.id),
      }),
      ...(tab === 'sessions' && {
        turn: by => {
          const ids = rows[at]?.lane.turns ?? [];
          const from = picked ? ids.indexOf(picked) : ids.length - 1;
          const to = ids[Math.max(0, Math.min(ids.length - 1, from + by))];
          if (to) activate(at, to);
        },
      }),
    };
  });

  const showLane = (id: string) => (setTab('sessions'), setActiveLane(id), setPicked(''));
  const now = () => live.now();
  return (
    <main class={opened ? 'with-details' : ''}>
      <div class="left" ref={grid}>
        <Figures world={world} perSecond={live.rate.perSecond(Date.now())} history={live.rate.history(Date.now())} />
        <Tabs world={world} tab={tab} onTab={setTab} mode={mode} onMode={onMode} />
        <div class="panel" role="tabpanel" id="panel" aria-labelledby={`tab-${tab}`}>
          {tab === 'sessions' &&
            (world.lanes.size === 0 ? (
              <Empty />
            ) : (
              <>
                <VirtualGrid
                  id="lanes"
                  label="Sessions and lanes"
                  count={rows.length}
                  rowHeight={isNarrow ? 92 : 48}
                  active={at}
                  columns={laneColumns.length}
                  head={<LanesHead mode={mode} onWidth={setColumn} />}
                  onWidth={setWidth}
                  row={index => {
                    const row = rows[index]!;
                    const isActive = index === at;
                    return (
                      <Lane
                        key={row.lane.id}
                        row={row}
                        turns={turnsOfLane(row.lane)}
                        index={index}
                        isActive={isActive}
                        chosen={isActive ? picked || (opened && row.turn?.id) || undefined : undefined}
                        width={timelineWidth}
                        height={timelineHeight}
                        mode={mode}
                        theme={theme}
                        still={live.isPaused}
                        showsTenant={hasTenants}
                        now={now}
                        onPick={activate}
                        onOpen={(to, turn) => (activate(to, turn), open(turn ?? row.turn?.id))}
                      />
                    );
                  }}
                />
                {rows.length === 0 && <p class="nothing">No session has these words.</p>}
              </>
            ))}
          {tab === 'turns' && (
            <>
              <VirtualGrid
                id="turns"
                label="Newest turns"
                count={turns.length}
                rowHeight={32}
                active={at}
                columns={turnColumns.length}
                head={<TurnsHead />}
                row={index => (
                  <TurnRow
                    key={turns[index]!.id}
                    turn={turns[index]!}
                    index={index}
                    isActive={index === at}
                    onPick={activate}
                    onOpen={to => open(turns[to]?.id)}
                  />
                )}
              />
              {turns.length === 0 && <p class="nothing">{filter ? 'No turn has these words.' : 'No turn yet.'}</p>}
            </>
          )}
          {tab === 'prefixes' && <Prefixes world={world} filter={filter} onLane={showLane} />}
          {tab === 'pools' && <Pools world={world} filter={filter} />}
          {tab === 'models' && <Models world={world} live={live} filter={filter} />}
        </div>
      </div>
      {opened && <Details id={opened} world={world} now={now()} onPick={setOpened} onClose={() => setOpened('')} />}
    </main>
  );
}
