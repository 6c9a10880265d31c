/**
 * The network that is on screen: the one of the file, with what its costs say becomes of its activations. Layers, stages
 * and totals follow from the same answer, so that no figure speaks of another network than the prices do. Pure.
 */
import type { Card, Layer, LayerActivation, Score, Stage, Tally } from '../contract/core';
import type { CostColumns } from './cost-columns';
import { exact } from './format';

type Counts = Pick<Stage, 'relu' | 'activations'>;

/** What a plan leaves of a layer's activation; null where it leaves all. */
function kept(layer: Layer, rows: CostColumns): LayerActivation | null {
  const { activation } = layer;
  const replaced = rows.value('replaced', layer.index) ?? 0;
  if (!activation || replaced === 0) return null;
  const elements = Math.max(0, activation.elements - replaced);
  const comparisons = Math.floor(
    activation.comparisons * (activation.elements > 0 ? elements / activation.elements : 0),
  );
  return { ...activation, elements, comparisons };
}

/**
 * What a plan that drops outputs of a convolution leaves of a count that each output has alike, as the changed file is counted;
 * null where all are computed.
 */
function computed({ index }: Layer, rows: CostColumns): ((count: number) => number) | null {
  const [all, kept] = [rows.value('linear', index), rows.value('linear_kept', index)];
  if (all === null || kept === null || kept >= all) return null;
  return (count) => (count % all === 0 ? (count / all) * kept : Math.floor((count * kept) / all));
}

function less(counts: Counts, before: LayerActivation, after: LayerActivation): Counts {
  const of = ({ nodes, elements }: Tally): Tally => ({
    nodes: nodes - (after.elements === 0 ? 1 : 0),
    elements: elements - before.elements + after.elements,
  });
  if (before.kind === 'ReLU') return { ...counts, relu: of(counts.relu) };
  const tally = counts.activations[before.kind];
  return tally ? { ...counts, activations: { ...counts.activations, [before.kind]: of(tally) } } : counts;
}

/** `score` itself where every activation stays. */
export function plannedScore(score: Score, rows: CostColumns): Score {
  let { totals } = score;
  const stages = new Map(score.stages.map((stage) => [stage.name, stage]));
  const linear = (layer: Layer, part: (count: number) => number): Layer => {
    const before = layer.macs ?? 0;
    const macs = part(before);
    // Which places touch the edge is in the mask: at most all of those that are left.
    const valid = Math.min(layer.macs_valid ?? 0, macs);
    const truncations = part(layer.truncations);
    totals = {
      ...totals,
      macs: totals.macs - before + macs,
      macs_valid: totals.macs_valid - (layer.macs_valid ?? 0) + valid,
      truncations: totals.truncations - layer.truncations + truncations,
    };
    const stage = stages.get(layer.stage);
    if (stage) stages.set(layer.stage, { ...stage, macs: stage.macs - before + macs });
    const mark = `${exact(macs)} of ${exact(before)} MACs stay, by the plan`;
    return { ...layer, macs, macs_valid: valid, truncations, marks: [...(layer.marks ?? []), mark] };
  };
  const layers = score.layers.map((layer) => {
    const { activation: before } = layer;
    const after = kept(layer, rows);
    const part = computed(layer, rows);
    if (part) return linear(layer, part);
    if (!before || !after) return layer;
    const products = rows.value('products', layer.index) ?? 0;
    const truncations = products + (rows.value('scales', layer.index) ?? 0);
    totals = {
      ...totals,
      ...less(totals, before, after),
      comparisons: totals.comparisons - before.comparisons + after.comparisons,
      products: totals.products + products,
      truncations: totals.truncations + truncations,
    };
    const stage = stages.get(layer.stage);
    if (stage) stages.set(layer.stage, { ...stage, ...less(stage, before, after) });
    const mark = `${exact(after.elements)} of ${exact(before.elements)} elements stay, by the plan`;
    return {
      ...layer,
      activation: after,
      products: layer.products + products,
      truncations: layer.truncations + truncations,
      marks: [...(layer.marks ?? []), mark],
    };
  });
  if (totals === score.totals) return score;
  return { ...score, totals, layers, stages: score.stages.map((stage) => stages.get(stage.name) ?? stage) };
}

/** Where a figure under a plan comes from: the original's, and what the plan makes of it. */
export function plannedCard(
  { title, unit }: Pick<Card, 'title' | 'unit'>,
  before: number,
  after: number,
  rows: readonly number[],
): Card {
  const sign = after < before ? '-' : '+';
  return {
    title: `${title}, under the plan`,
    value: after,
    unit,
    formula: `${unit} of the original ${sign} what the plan ${after < before ? 'takes away' : 'adds'}`,
    with_values: `${exact(before)} ${sign} ${exact(Math.abs(after - before))} = ${exact(after)}`,
    source:
      'What becomes of each activation, and of each output that is dropped, under the settings that the prices beside it were made with.',
    leaves_out: 'What the plan does to accuracy.',
    rows: [...rows],
  };
}
