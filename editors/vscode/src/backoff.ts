/** How long to wait before the server is started again after it crashed. */
const DELAYS = [1_000, 2_000, 4_000, 8_000, 16_000];
/** Milliseconds after which a server that runs counts as well. */
const WELL = 60_000;

export class Backoff {
  private failures = 0;
  private startedAt = 0;

  /** Note that a server runs. */
  started(now: number): void {
    this.startedAt = now;
  }

  /** Milliseconds to wait after a crash; undefined once it has crashed too often in a row. */
  crashed(now: number): number | undefined {
    if (this.startedAt && now - this.startedAt >= WELL) this.failures = 0;
    this.startedAt = 0;
    return DELAYS[this.failures++];
  }

  /** Forget the crashes: somebody asked for a start. */
  reset(): void {
    this.failures = 0;
    this.startedAt = 0;
  }
}
