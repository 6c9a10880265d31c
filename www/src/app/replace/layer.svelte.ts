/** One activation as it would be under what is wished: asked while it is open. */
import type { LayerView } from '../../contract/core';
import { runner } from '../../worker/run-client';
import { Question } from '../question.svelte';
import type { Scene } from '../session.svelte';
import { session } from '../session.svelte';
import { bench } from './bench.svelte';
import { live, wishes } from './wishes.svelte';

/** Call inside a component; `channel` null: the whole layer. */
export function watchLayer(asked: () => { output: string; channel: number | null }): Question<LayerView, Scene> {
  const question = new Question<LayerView, Scene>(() => session.scene);
  $effect(() => {
    const { ask } = bench;
    const wish = live(wishes.wish);
    const { output, channel } = asked();
    if (!ask) return;
    void question.ask((_, asking) => runner.call('layerView', { bench: ask, wish, output, channel }, asking));
    return () => question.cancel();
  });
  return question;
}
