import { useEffect, useRef } from 'preact/hooks';
import { Icon } from './marks.tsx';

const keys: [string[], string][] = [
  [['j', '↓'], 'next row'],
  [['k', '↑'], 'row before'],
  [['h', '←'], 'turn before, in its lane'],
  [['l', '→'], 'next turn'],
  [['Home', 'End'], 'first and last row'],
  [['Enter'], 'details of the turn'],
  [['Esc'], 'close, then leave the filter'],
  [['/'], 'filter'],
  [['1', '–', '5'], 'sessions, turns, prefixes, pools, models'],
  [['p'], 'pause and go on'],
  [['t'], 'turns side by side, or on one axis of time'],
  [['d'], 'theme'],
  [['?'], 'this help'],
];

export function Help({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current!.showModal(), []);
  return (
    <dialog
      ref={dialog}
      class="help"
      aria-labelledby="help-title"
      onClose={onClose}
      onClick={event => {
        if (event.target === dialog.current) dialog.current!.close();
      }}
    >
      <header>
        <h2 id="help-title">Keys and words</h2>
        <button type="button" class="icon-button" aria-label="Close" onClick={() => dialog.current!.close()}>
          <Icon name="close" />
        </button>
      </header>
      <dl class="keys">
        {keys.map(([names, what]) => (
          <div>
            <dt>{names.map(name => (name === '–' ? ' – ' : <kbd>{name}</kbd>))}</dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <h3>A turn’s bar</h3>
      <ul class="legend tall">
        <li>
          <i class="key fill-queued" />
          waited for a stream or the turn before it
        </li>
        <li>
          <i class="key fill-prefill" />
          computed its input; below the bar, the share of it that was new
        </li>
        <li>
          <i class="key fill-cached" />
          below the bar: the share that was found cached
        </li>
        <li>
          <i class="key fill-decode" />
          wrote its output
        </li>
        <li>
          <i class="key fill-failed" />
          failed
        </li>
      </ul>
      <h3>Filter</h3>
      <p>
        Words that a row must have: parts of ids, names, models, outcomes. <code>is:running</code> <code>is:queued</code>{' '}
        <code>is:failed</code> <code>is:cold</code> ask for the newest turn’s state, <code>kv:memory</code> for where its KV is.
      </p>
    </dialog>
  );
}
