/** One of the three: the client, the server or the dealer. It has what it was begun with and its end of the wire, nothing else. */
import * as engine from 'reluctant-mpc-wasm';
import type { Fault } from '../lib/types';
import { isFault } from '../lib/types';
import { fetched } from './fetched';
import type { Begin, Carried, Message, Shown } from './live-protocol';

/** The dealer's messages that the server has asked for and not read. */
const AHEAD = 4;
/** Of a value, so many numbers are shown at most. */
const SEEN = 2 ** 16;

const show = (shown: Shown): void =>
  self.postMessage(shown, { transfer: 'share' in shown ? [shown.share.buffer] : [] });

const fault = (error: unknown): Fault =>
  isFault(error)
    ? error
    : {
        code: 'worker',
        message: `The protocol\u2019s engine stopped unexpectedly (${error instanceof Error ? error.message : String(error)}).`,
        place: {},
        hint: 'This is a fault of Reluctant, or the tab is out of memory; start again with a smaller network.',
      };

/** A fault is shown, and nothing more is done. */
function guarded<A extends unknown[]>(work: (...given: A) => void): (...given: A) => void {
  let stopped = false;
  return (...given) => {
    if (stopped) return;
    try {
      work(...given);
    } catch (error) {
      stopped = true;
      show({ type: 'fault', fault: fault(error) });
    }
  };
}

const send = (port: MessagePort, message: Message): void => port.postMessage(message, [message.bytes.buffer]);

function dealer({ network, port }: Begin, seed: Uint8Array): void {
  const dealer = new engine.Dealer(network, seed);
  let done = false;
  const deal = (): void => {
    const message = dealer.deal();
    if (message) send(port, message);
    else if (!done) show({ type: 'done', result: null, memory: engine.memory_bytes() });
    done = message === null;
  };
  port.onmessage = guarded(deal);
  // The client's seed; the server asks for what is its own.
  deal();
}

function party(begin: Begin & { who: 'client' | 'server' }, seed: Uint8Array): void {
  const { who, network, port } = begin;
  const party =
    who === 'client'
      ? engine.Party.client(network, begin.input, seed)
      : engine.Party.server(network, begin.weights, seed);
  let [asked, came, value, seconds, done] = [0, 0, 0, 0, false];

  const go = (): void => {
    for (let state: ReturnType<typeof party.work> = 'rests'; state === 'rests';) {
      const start = performance.now();
      state = party.work();
      seconds += (performance.now() - start) / 1000;
      for (let message = party.leave(); message; message = party.leave()) send(port, message);
      if (who === 'server') {
        for (; asked - came + party.dealt() < AHEAD; asked += 1) port.postMessage('more' satisfies Carried);
      }
      if (state === 'rests') {
        const share = new Uint8Array(party.high_bytes(value, SEEN) ?? []);
        show({ type: 'layer', layer: value - 1, share, seconds });
        value += 1;
        seconds = 0;
      } else if (state === 'done') {
        if (!done) show({ type: 'done', result: party.result() ?? null, memory: engine.memory_bytes() });
        done = true;
      } else show({ type: 'waits', for: state, layer: party.layer() });
    }
  };
  port.onmessage = guarded(({ data }: MessageEvent<Message>) => {
    if (data.from === 'dealer') came += 1;
    party.arrive(data);
    go();
  });
  guarded(go)();
}

self.onmessage = ({ data }: MessageEvent<Begin>) => {
  guarded(() => {
    // Its own randomness, known to nobody else.
    const seed = crypto.getRandomValues(new Uint8Array(32));
    if (data.who === 'dealer') dealer(data, seed);
    else party(data, seed);
  })();
};

fetched('The protocol\u2019s engine', () => engine.default()).then(
  () => show({ type: 'ready' }),
  (error: unknown) => show({ type: 'fault', fault: fault(error) }),
);
