/**
 * The model on the page: its score, its settings, and the work under way. A fault or a cancel
 * leaves the last good score as it is. Panels read; only the methods here write.
 */
import type { LinkState, Opening, Score } from '../contract/core';
import type { DataFiles } from './data-files';
import { DATA_FILE } from './data-files';
import { isLink, JSON_FILE, LINK_FILE, PLAN_SCHEMA, PROFILE_FILE } from '../lib/link';
import type { Settings } from '../lib/types';
import type { Source } from '../worker/client';
import { core } from '../worker/client';
import { closeCard } from './cards.svelte';
import { route } from './routes.svelte';
import { table } from './table.svelte';
import { Work } from './work.svelte';

/** The model on the page under its settings, as a whole: another score is another scene. */
export interface Scene {
  readonly score: Score;
  /** Where the model comes from. */
  readonly source: Source;
  /** What the person set, as applied to the score. */
  readonly set: Settings;
  /** Bytes of the core's memory after the score. */
  readonly memory: number;
  /** What the core says that it opens under, the first first. */
  readonly opensUnder: readonly Opening[];
  /** What came with the score, where it is one of a link. */
  readonly link: LinkState | null;
}

let keys = 0;
/** Bytes of a saved link that are looked at: what the core takes. */
const LARGEST_LINK = 8 * 2 ** 20;
const NONE: Settings = {};
const NOWHERE: readonly Opening[] = [];
/** Where a plan says that it is one, whoever wrote it, and in whatever order. */
const PLAN_HEAD = 64 * 1024;
const holdsPlan = async (file: File): Promise<boolean> =>
  /plan[^/]*\.json$/i.test(file.name) || (await file.slice(0, PLAN_HEAD).text()).includes(PLAN_SCHEMA);

class Session {
  /** The last good one; raw, because 100,000 rows need no proxy each. */
  scene = $state.raw<Scene | null>(null);
  score = $derived(this.scene?.score ?? null);
  source = $derived(this.scene?.source ?? null);
  set = $derived(this.scene?.set ?? NONE);
  memory = $derived(this.scene?.memory ?? 0);
  link = $derived(this.scene?.link ?? null);
  opensUnder = $derived(this.scene?.opensUnder ?? NOWHERE);
  /** What was given to run the model on. */
  data = $state.raw<DataFiles | null>(null);
  /** A saved profile that was given, until it is opened. */
  profile = $state.raw<File | null>(null);
  /** A plan file that was given, until it is opened. */
  plan = $state.raw<File | null>(null);
  readonly work = new Work();

  /** The example that the page opens with. */
  readonly first = 'resnet18-cifar100';

  async openFiles(given: readonly File[]): Promise<void> {
    const files = given.filter(({ name }) => !DATA_FILE.test(name));
    if (files.length < given.length) {
      this.data = { key: ++keys, files: given.filter((file) => !files.includes(file)) };
      if (route.view !== 'replace') location.hash = '#/run';
    }
    const [first] = files;
    if (!first) return;
    if (PROFILE_FILE.test(first.name)) {
      this.profile = first;
      location.hash = '#/calibrate';
      return;
    }
    if (JSON_FILE.test(first.name) && (await holdsPlan(first))) {
      this.plan = first;
      location.hash = '#/replace';
      return;
    }
    if (files.length === 1 && LINK_FILE.test(first.name)) {
      // Through the address, as any other link: Back returns, a reload stays.
      location.hash = /#r\d+=[\w-]*/.exec(await first.slice(0, LARGEST_LINK).text())?.[0] ?? '#r1=';
      return;
    }
    const more = files.length > 1 ? ` and ${files.length - 1} more` : '';
    await this.#run(`Reading ${first.name}${more}`, { kind: 'files', key: ++keys, files }, {});
  }

  /** What came with the link, once it is on the page; null where it does not open. */
  async openLink(text: string, what = 'Opening the link'): Promise<LinkState | null> {
    const source: Source = { kind: 'link', key: ++keys, text };
    await this.#run(what, source, {});
    return this.source === source ? this.link : null;
  }

  /** A model of an earlier visit, under the settings of then; whether it is on the page. */
  async openAgain(
    model: { kind: 'example'; id: string } | { kind: 'files'; files: readonly File[] },
    set: Settings,
  ): Promise<boolean> {
    const source: Source = { ...model, key: ++keys };
    await this.#run('Bringing back the last visit', source, set);
    return this.source === source;
  }

  openExample(id: string): Promise<void> {
    return this.#run(`Opening ${id}`, { kind: 'example', key: ++keys, id }, {});
  }

  /** Files that lie beside the page. */
  async openBeside(...names: string[]): Promise<void> {
    let name = '';
    try {
      const files: File[] = [];
      for (name of names) {
        const answer = await fetch(new URL(`examples/${name}`, document.baseURI));
        if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
        files.push(new File([await answer.blob()], name));
      }
      return await this.openFiles(files);
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'no answer';
      this.work.problem = {
        doing: `Opening ${name}`,
        fault: {
          code: 'io',
          message: `The example could not be fetched: ${reason}.`,
          place: { file: name },
          hint: 'Check that the page is still being served, then choose the example again.',
        },
      };
    }
  }

  /** Sets an input's shape or a symbol's value; an empty text takes the setting back. */
  apply(name: string, value: string): Promise<void> {
    const { [name]: _, ...rest } = this.set;
    return this.#rescore(value === '' ? rest : { ...rest, [name]: value });
  }

  reset(): Promise<void> {
    return this.#rescore({});
  }

  #rescore(set: Settings): Promise<void> {
    return this.source ? this.#run('Counting', this.source, set) : Promise.resolve();
  }

  #run(what: string, source: Source, set: Settings): Promise<void> {
    return this.work.do(what, async (step, signal) => {
      const scored = await core.call('score', { source, set }, step(what, 'bytes'));
      if (signal.aborted) return;
      closeCard();
      if (source !== this.source) table.reset();
      this.scene = { ...scored, source, set };
      // The address speaks of what is on the page.
      if (source.kind !== 'link' && isLink(location.hash)) history.replaceState(null, '', `#/${route.view}`);
    });
  }
}

export const session = new Session();
