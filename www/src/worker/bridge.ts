/**
 * The bridge to one worker: requests go one at a time, each with an id; an AbortSignal drops a
 * waiting request and terminates the worker under a running one; the next request finds a fresh
 * worker. Assumes that the worker keeps no state that a request does not carry. Never retries.
 */
import type { Fault } from '../lib/types';
import type { Asked, Reply, Table, Verbs } from './protocol';

/** The part of `Worker` that the bridge uses. */
export interface Channel {
  postMessage(message: unknown): void;
  terminate(): void;
  onmessage: ((event: MessageEvent<Reply>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
}

export interface Options {
  signal?: AbortSignal;
  /** The signal drops the request while it waits, and lets it finish once it runs: for short ones. */
  brief?: boolean;
  progress?: (done: number, total: number) => void;
}

interface Job {
  request: Asked;
  options: Options;
  resolve: (answer: never) => void;
  reject: (fault: Fault) => void;
  stop: () => void;
}

const fault = (code: string, message: string, hint: string): Fault => ({
  code,
  message,
  place: {},
  hint,
});

export const cancelled = (): Fault => fault('cancelled', 'Cancelled.', '');

export class Bridge<T extends Table<T> = Verbs> {
  #spawn: () => Channel;
  #channel: Channel | null = null;
  #running: Job | null = null;
  #waiting: Job[] = [];
  #next = 1;

  constructor(spawn: () => Channel) {
    this.#spawn = spawn;
  }

  call<V extends keyof T & string>(verb: V, ask: T[V]['ask'], options: Options = {}): Promise<T[V]['answer']> {
    return new Promise((resolve, reject) => {
      if (options.signal?.aborted) {
        reject(cancelled());
        return;
      }
      const job: Job = {
        request: { id: this.#next++, verb, ask },
        options,
        resolve,
        reject,
        stop: () => this.#abort(job),
      };
      options.signal?.addEventListener('abort', job.stop, { once: true });
      this.#waiting.push(job);
      this.#pump();
    });
  }

  /** Ends the worker, and with it all that it holds. The next request starts a fresh one. */
  stop(): void {
    const jobs = [...(this.#running ? [this.#running] : []), ...this.#waiting];
    this.#waiting = [];
    if (this.#running) this.#settle(this.#running);
    this.#drop();
    for (const job of jobs) job.reject(cancelled());
  }

  #pump(): void {
    if (this.#running) return;
    const job = this.#waiting.shift();
    if (!job) return;
    this.#running = job;
    try {
      this.#channel ??= this.#start();
      this.#channel.postMessage(job.request);
    } catch {
      this.#crash();
    }
  }

  #start(): Channel {
    const channel = this.#spawn();
    channel.onmessage = ({ data }) => this.#receive(data);
    channel.onerror = () => this.#crash();
    return channel;
  }

  #receive(reply: Reply): void {
    const job = this.#running;
    if (!job || reply.id !== job.request.id) return;
    switch (reply.type) {
      case 'progress':
        job.options.progress?.(reply.done, reply.total);
        return;
      case 'answer':
        this.#settle(job);
        job.resolve(reply.answer as never);
        break;
      case 'fault':
        this.#settle(job);
        if (reply.fatal) this.#drop();
        job.reject(reply.fault);
        break;
    }
    this.#pump();
  }

  #abort(job: Job): void {
    if (job === this.#running) {
      if (job.options.brief) return;
      this.#settle(job);
      this.#drop();
    } else {
      this.#waiting = this.#waiting.filter((other) => other !== job);
    }
    job.reject(cancelled());
    this.#pump();
  }

  #crash(): void {
    const job = this.#running;
    this.#drop();
    if (!job) return;
    this.#settle(job);
    job.reject(
      fault(
        'worker',
        'The worker that does this could not start or stopped.',
        'Reload the page. If that does not help, the browser may be too old or out of memory.',
      ),
    );
    this.#pump();
  }

  #settle(job: Job): void {
    job.options.signal?.removeEventListener('abort', job.stop);
    this.#running = null;
  }

  #drop(): void {
    const channel = this.#channel;
    if (!channel) return;
    channel.onmessage = null;
    channel.onerror = null;
    channel.terminate();
    this.#channel = null;
  }
}
