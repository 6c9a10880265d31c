/** The wire: a worker through which all messages of an inference go. It counts them, slows them to a link, holds them back. */
import type { Told } from '../lib/live';
import type { Carried, Message, Who, WireAsk, WireSays } from './live-protocol';
import { Line } from './line';

/** Between two words to the page. */
const WORD_MS = 40;
/** How late a timer may come; what is nearer is waited for by asking again. */
const TIMER_S = 0.008;

const line = new Line<Message>();
let ends: Record<Who, MessagePort> | null = null;
let told: Told[] = [];
let word: ReturnType<typeof setTimeout> | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;

/** The clock begins with the first message, whatever was asked of the wire before, and stands while the line is held. */
let begun: number | null = null;
let stood: number | null = null;
const clock = (): number => (begun === null ? 0 : ((stood ?? performance.now()) - begun) / 1000);

const again = new MessageChannel();
again.port1.onmessage = pump;
let asked = false;

function tell(): void {
  word ??= setTimeout(() => {
    word = undefined;
    const says: WireSays = { told, held: line.held ? line.waiting : 0, rounds: line.rounds };
    told = [];
    self.postMessage(says);
  }, WORD_MS);
}

function deliver(message: Message): void {
  const { from, to, layer, kind, online, bytes } = message;
  told.push({ from, to, layer, kind, online, bytes: bytes.byteLength, at: clock() });
  ends?.[to].postMessage(message, [bytes.buffer]);
}

/** Lets arrive what has, and comes back when the next one does. */
function pump(): void {
  asked = false;
  clearTimeout(timer);
  const { arrived, next } = line.take(clock());
  arrived.forEach(deliver);
  if (line.held) stood ??= performance.now();
  tell();
  if (next === null) return;
  const rest = next - clock();
  if (rest > TIMER_S) timer = setTimeout(pump, (rest - TIMER_S) * 1000);
  else if (!asked) {
    asked = true;
    again.port2.postMessage(null);
  }
}

function carried(data: Carried): void {
  if (data === 'more') {
    ends?.dealer.postMessage(data);
    return;
  }
  begun ??= performance.now();
  // The dealer has a line of its own, which is not priced.
  if (data.from === 'dealer') {
    deliver(data);
    tell();
  } else {
    line.put(data, clock());
    pump();
  }
}

self.onmessage = ({ data }: MessageEvent<WireAsk>) => {
  switch (data.type) {
    case 'ends':
      ({ ends } = data);
      for (const port of Object.values(ends)) port.onmessage = (event: MessageEvent<Carried>) => carried(event.data);
      return;
    case 'pace':
      line.pace = data.pace;
      break;
    case 'allow':
      if (stood !== null && begun !== null) begun += performance.now() - stood;
      stood = null;
      line.allow(data.more === null ? Number.POSITIVE_INFINITY : line.rounds + data.more, clock());
      break;
  }
  pump();
};
