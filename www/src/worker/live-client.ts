/** The page's handle on an inference under a protocol: a worker for the client, the server, the dealer and the wire each. */
import type { Pace } from '../lib/live';
import type { Begin, Parts, Shown, Who, WireAsk, WireSays } from './live-protocol';
import { spawn } from './spawn';

export type { Shown, Who, WireSays } from './live-protocol';

export interface Heard {
  shown: (who: Who, shown: Shown) => void;
  wire: (says: WireSays) => void;
  /** A worker ended by itself. */
  lost: () => void;
}

export const WHO = ['client', 'server', 'dealer'] as const;

export class Inference {
  readonly #workers: Record<Who | 'wire', Worker>;

  /** Begins when all are there. */
  constructor({ network, weights, input }: Parts, { shown, wire, lost }: Heard) {
    this.#workers = { client: spawn('party'), server: spawn('party'), dealer: spawn('party'), wire: spawn('wire') };
    const channels = {
      client: new MessageChannel(),
      server: new MessageChannel(),
      dealer: new MessageChannel(),
    };
    const own = {
      client: { who: 'client', input },
      server: { who: 'server', weights },
      dealer: { who: 'dealer' },
    } as const;
    let missing: number = WHO.length;
    const begin = (): void => {
      for (const who of WHO) {
        const { port2: port } = channels[who];
        this.#workers[who].postMessage({ ...own[who], network, port } satisfies Begin, [port]);
      }
    };
    for (const who of WHO) {
      this.#workers[who].onmessage = ({ data }: MessageEvent<Shown>) => {
        if (data.type === 'ready' && --missing === 0) begin();
        shown(who, data);
      };
    }
    this.#workers.wire.onmessage = ({ data }: MessageEvent<WireSays>) => wire(data);
    for (const worker of Object.values(this.#workers)) worker.onerror = lost;
    const ends = { client: channels.client.port1, server: channels.server.port1, dealer: channels.dealer.port1 };
    this.#ask({ type: 'ends', ends }, Object.values(ends));
  }

  /** Slows what is sent from now on. */
  slow(pace: Pace): void {
    this.#ask({ type: 'pace', pace });
  }

  /** So many rounds more, then it stands; null: to the end. */
  allow(more: number | null): void {
    this.#ask({ type: 'allow', more });
  }

  stop(): void {
    for (const worker of Object.values(this.#workers)) {
      worker.onmessage = worker.onerror = null;
      worker.terminate();
    }
  }

  #ask(ask: WireAsk, transfer: Transferable[] = []): void {
    this.#workers.wire.postMessage(ask, transfer);
  }
}
