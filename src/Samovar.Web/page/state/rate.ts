const seconds = 60;
const averagedOver = 5;

/** Tokens second by second of the last minute. */
export class Rate {
  private readonly buckets = new Float64Array(seconds);
  private newest = 0; // the second that the last bucket stands for

  add(tokens: number, now: number): void {
    this.moveTo(now);
    this.buckets[seconds - 1]! += tokens;
  }

  /** Per second, over the last whole seconds. */
  perSecond(now: number): number {
    this.moveTo(now);
    let sum = 0;
    for (let at = seconds - 1 - averagedOver; at < seconds - 1; at++) sum += this.buckets[at]!;
    return sum / averagedOver;
  }

  /** The whole seconds of the last minute, the oldest first. */
  history(now: number): number[] {
    this.moveTo(now);
    return [...this.buckets.subarray(0, seconds - 1)];
  }

  private moveTo(now: number): void {
    const second = Math.floor(now / 1000);
    const by = Math.min(seconds, second - this.newest);
    if (by <= 0) return;
    this.buckets.copyWithin(0, by);
    this.buckets.fill(0, seconds - by);
    this.newest = second;
  }
}
