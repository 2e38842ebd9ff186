import { useState } from 'preact/hooks';
import { clock, duration } from '../figures/format.ts';
import type { Link } from '../state/connection.ts';
import { Emblem, Icon } from './marks.tsx';
import { useTick } from './hooks.ts';

/** What stands below the header while the connection is lost or the server drains. */
export function Banner({ link, isDraining, onAgain }: { link: Link; isDraining: boolean; onAgain: () => void }) {
  useTick(1000);
  if (link.is === 'lost') {
    const waits = Math.max(0, Math.ceil((link.retryAt - Date.now()) / 1000));
    return (
      <div class="banner banner-lost">
        <span>
          <b>Connection lost at {clock(link.since)}</b>, {duration(Math.max(1000, Date.now() - link.since))} ago. {link.why} What you see is
          from then.
        </span>
        <span class="banner-wait" aria-hidden="true">
          {waits > 0 ? `Trying again in ${waits} s` : 'Trying again …'}
        </span>
        <button type="button" onClick={onAgain}>
          Try now
        </button>
      </div>
    );
  }
  return isDraining ? (
    <div class="banner banner-draining">
      <span>
        <b>The server is draining.</b> Turns that run go on to their end; nothing new begins.
      </span>
    </div>
  ) : null;
}

export function Waiting({ link, onAgain }: { link: Link; onAgain: () => void }) {
  useTick(1000);
  const isLost = link.is === 'lost';
  return (
    <section class="notice" aria-live="polite">
      <Emblem />
      <h1>{isLost ? 'The server cannot be reached' : 'Connecting …'}</h1>
      <p>{isLost ? `Since ${clock(link.since)}. ${link.why}` : 'Waiting for the state of this server.'}</p>
      {isLost && (
        <button type="button" class="main" onClick={onAgain}>
          Try now
        </button>
      )}
    </section>
  );
}

export const Forbidden = ({ why, onLogout }: { why: string; onLogout: () => void }) => (
  <section class="notice" role="alert">
    <Emblem />
    <h1>This page is not for this key</h1>
    <p>{why}</p>
    <button type="button" class="main" onClick={onLogout}>
      Use another key
    </button>
  </section>
);

export function Login({ onLogin }: { onLogin: (key: string) => Promise<void> }) {
  const [fault, setFault] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const key = String(new FormData(event.currentTarget as HTMLFormElement).get('key') ?? '').trim();
    if (key === '') return setFault('A key is needed.');
    setBusy(true);
    await onLogin(key).then(
      () => setFault(''),
      (error: Error) => setFault(error.message),
    );
    setBusy(false);
  };
  return (
    <section class="notice login">
      <Emblem />
      <h1>This server asks for a key</h1>
      <p>It shows what belongs to the key’s tenant, and all of it to an operator.</p>
      <form onSubmit={submit} noValidate>
        <input type="text" name="username" autocomplete="username" value="samovar" hidden readOnly />
        <label for="key">API key</label>
        <div class="pair">
          <input
            id="key"
            name="key"
            type="password"
            autocomplete="current-password"
            autofocus
            spellcheck={false}
            disabled={busy}
            aria-invalid={fault !== ''}
            aria-describedby="key-fault"
          />
          <button type="submit" class="main" disabled={busy}>
            {busy ? 'Asking …' : 'Show the page'}
          </button>
        </div>
        <p id="key-fault" class="fault" role="alert">
          {fault}
        </p>
      </form>
    </section>
  );
}

const command = './samovar agent "Set the port in conf/server.cfg to 9000." --dir path/to/folder';

export function Empty() {
  return (
    <section class="empty">
      <h2>No session yet</h2>
      <p>Sessions appear here as soon as an agent connects. Try one in a second terminal:</p>
      <Copied text={command} />
      <p>
        Or point a client at <code>{location.origin}/v1</code>.
      </p>
    </section>
  );
}

export function Copied({ text, short }: { text: string; short?: string }) {
  const [done, setDone] = useState(false);
  const copy = () =>
    navigator.clipboard?.writeText(text).then(
      () => {
        setDone(true);
        setTimeout(() => setDone(false), 1500);
      },
      () => undefined,
    );
  return (
    <span class="copied">
      <code title={short && text}>{short ?? text}</code>
      <button type="button" class="icon-button" aria-label={done ? 'Copied' : `Copy ${short ? text : 'the command'}`} onClick={copy}>
        {done ? (
          <span class="tick" aria-hidden="true">
            ✓
          </span>
        ) : (
          <Icon name="copy" />
        )}
      </button>
    </span>
  );
}
