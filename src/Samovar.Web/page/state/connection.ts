import { backoffMs } from './backoff.ts';
import { eventReader, type ServerEvent } from './sse.ts';

/** How the page stands with its server. */
export type Link =
  | { is: 'connecting' }
  | { is: 'live' }
  | { is: 'lost'; since: number; retryAt: number; why: string }
  | { is: 'login' }
  | { is: 'forbidden'; why: string };

export interface Connection {
  /** @param isOther Whether somebody else may be logged in now: nothing that came before counts. */
  again(isOther?: boolean): void;
  close(): void;
}

const silenceMaxMs = 45_000; // the server says something every 15 s, if only a comment

class Refused extends Error {
  constructor(
    readonly status: number,
    text: string,
  ) {
    super(text);
  }
}

/** Reads /page/events until it is closed. fetch and not EventSource: that one hides why it was refused, and waits as the browser likes. */
export function connect(onEvent: (name: string, data: string) => void, onLink: (link: Link) => void): Connection {
  let [attempt, since, closed] = [0, 0, false];
  let newest = ''; // the event that was read last: what came behind it is asked for
  let ends = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const open = async () => {
    ends = new AbortController();
    const mine = ends;
    try {
      if (newest === '' && (await needsLogin(mine.signal))) throw new Refused(401, '');
      await read(
        mine,
        newest,
        ({ event, data, id }) => {
          if (mine.signal.aborted) return;
          [attempt, since] = [0, 0];
          newest = id;
          onEvent(event, data);
        },
        () => onLink({ is: 'live' }),
      );
      if (!mine.signal.aborted) lost('The server closed the connection.');
    } catch (error) {
      if (closed || (mine.signal.aborted && mine.signal.reason !== 'silent')) return;
      const status = error instanceof Refused ? error.status : 0;
      if (status === 401 || status === 403) [attempt, since, newest] = [0, 0, ''];
      if (status === 401) onLink({ is: 'login' });
      else if (status === 403) onLink({ is: 'forbidden', why: (error as Refused).message });
      else
        lost(mine.signal.aborted ? 'Nothing came for a while.' : status > 0 ? (error as Refused).message : 'The server cannot be reached.');
    }
  };
  const lost = (why: string) => {
    since ||= Date.now();
    const wait = backoffMs(attempt++, Math.random);
    onLink({ is: 'lost', since, retryAt: Date.now() + wait, why });
    timer = setTimeout(open, wait);
  };
  const again = (isOther = false) => {
    if (isOther) newest = '';
    clearTimeout(timer);
    ends.abort('again');
    void open();
  };
  const online = () => again();
  const wake = () => {
    if (document.visibilityState === 'visible' && since > 0) again();
  };
  document.addEventListener('visibilitychange', wake);
  addEventListener('online', online);
  void open();
  return {
    again,
    close() {
      closed = true;
      clearTimeout(timer);
      ends.abort('closed');
      document.removeEventListener('visibilitychange', wake);
      removeEventListener('online', online);
    },
  };
}

/** Asked first, so that a page before its login is no error in anybody's console. */
async function needsLogin(gone: AbortSignal): Promise<boolean> {
  const signal = AbortSignal.any([gone, AbortSignal.timeout(silenceMaxMs)]);
  const answer = await fetch('/page/session', { signal, cache: 'no-store', credentials: 'same-origin' });
  if (!answer.ok) throw new Refused(answer.status, await reason(answer));
  return ((await answer.json()) as { needs_login: boolean }).needs_login;
}

async function read(ends: AbortController, newest: string, onEvent: (event: ServerEvent) => void, onOpen: () => void) {
  const headers: Record<string, string> = { accept: 'text/event-stream' };
  if (newest !== '') headers['last-event-id'] = newest;
  let silence = setTimeout(() => ends.abort('silent'), silenceMaxMs);
  try {
    const answer = await fetch('/page/events', { headers, signal: ends.signal, cache: 'no-store', credentials: 'same-origin' });
    if (!answer.ok || !answer.body) throw new Refused(answer.status, await reason(answer));
    onOpen();
    const take = eventReader(onEvent);
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      clearTimeout(silence);
      silence = setTimeout(() => ends.abort('silent'), silenceMaxMs);
      take(value);
    }
  } finally {
    clearTimeout(silence);
  }
}

/** What an error answer says, in the protocol's shape or none. */
export async function reason(answer: Response): Promise<string> {
  const said = (await answer.json().catch(() => null)) as { error?: { message?: string } } | null;
  return said?.error?.message ?? `The server answered ${answer.status}.`;
}
