/** An export without what trained it: sums that cancel, and what nobody reads. Asked of files alone, as the page prices them. */
import type { CostSettings } from '../contract/core';
import type { Cleaned } from '../worker/design-client';
import { designers } from '../worker/design-client';
import { Question } from './question.svelte';
import type { Scene } from './session.svelte';
import { session } from './session.svelte';

class Cleaning {
  readonly #question = new Question<Cleaned, Scene>(() => session.scene);

  get question(): Question<Cleaned, Scene> {
    return this.#question;
  }

  ask(settings: CostSettings): void {
    void this.#question.ask(({ source, set }, asking) => designers.call('clean', { source, set, settings }, asking));
  }

  /** The cleaned file on the page, with the others of the model. */
  async open({ file, report }: Cleaned): Promise<void> {
    const { source } = session;
    const others =
      source?.kind === 'files'
        ? source.files.filter(({ name }) => name !== report.model && !/\.onnx$/i.test(name))
        : [];
    await session.openFiles([file, ...others]);
  }
}

export const cleaning = new Cleaning();
