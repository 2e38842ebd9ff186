import { keep } from './choices.ts';
import { connect, reason, type Connection, type Link } from './connection.ts';
import type { PageDelta, PageState } from './contract.ts';
import { Rate } from './rate.ts';
import { apply, frozen, outputByModel, outputIn, worldOf, type World } from './world.ts';

/** What is live on the page: the connection, what it brought, and who wants to know. Listeners are called once a frame at most. */
export class Live {
  link: Link = { is: 'connecting' };
  readonly rate = new Rate();

  /** The same of each model, where there are several. */
  readonly rates = new Map<string, Rate>();

  /** Server time less the browser's. */
  offsetMs = 0;

  /** How often anything changed, so that one who begins to listen knows whether something was missed. */
  changes = 0;

  /** Deltas that came while the page is paused. */
  behind = 0;

  private world: World | null = null;
  private held: World | null = null;
  private heldAt = 0;
  private readonly listeners = new Set<() => void>();
  private frame = 0;
  private readonly connection: Connection;

  constructor() {
    this.connection = connect(
      (name, data) => this.take(name, data),
      link => {
        this.link = link;
        if (link.is === 'login' || link.is === 'forbidden') [this.world, this.held] = [null, null];
        this.changed();
      },
    );
  }

  get shown(): World | null {
    return this.held ?? this.world;
  }
  get isPaused(): boolean {
    return this.held !== null;
  }

  /** The server's time; while the page is paused, that of the pause. */
  now(): number {
    return this.held ? this.heldAt : Date.now() + this.offsetMs;
  }

  pause(): void {
    if (this.held) [this.held, this.behind] = [null, 0];
    else if (this.world) {
      this.heldAt = this.now();
      this.held = frozen(this.world);
    }
    this.changed();
  }

  again(): void {
    this.connection.again();
  }

  async login(key: string): Promise<void> {
    const answer = await fetch('/page/login', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ key }),
      credentials: 'same-origin',
    }).catch(() => null);
    if (!answer) throw new Error('The server cannot be reached.');
    if (!answer.ok) throw new Error(answer.status === 401 ? 'The server does not know this key.' : await reason(answer));
    keep('login', 'yes');
    this.link = { is: 'connecting' };
    this.connection.again(true);
    this.changed();
  }

  async logout(): Promise<void> {
    await fetch('/page/logout', { method: 'POST', credentials: 'same-origin' }).catch(() => null);
    keep('login', 'no');
    [this.world, this.held] = [null, null];
    this.connection.again(true);
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private take(name: string, data: string): void {
    if (name === 'state') {
      const state = JSON.parse(data) as PageState;
      this.world = worldOf(state);
      this.offsetMs = state.server.now - Date.now();
    } else if (name === 'delta' && this.world) {
      const delta = JSON.parse(data) as PageDelta;
      if (delta.seq > this.world.seq) this.count(this.world, delta);
      apply(this.world, delta);
      if (this.held) this.behind++;
    } else return;
    this.changed();
  }

  private count(world: World, delta: PageDelta): void {
    this.rate.add(outputIn(world, delta), Date.now());
    for (const [name, tokens] of outputByModel(world, delta)) {
      if (!this.rates.has(name)) this.rates.set(name, new Rate());
      this.rates.get(name)!.add(tokens, Date.now());
    }
  }

  private changed(): void {
    this.changes++;
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      for (const listener of this.listeners) listener();
    });
  }
}
