/** Reads a straightened plate with the reader network. Runs in a worker. */
import { Tensor } from 'onnxruntime-node';
import type { EngineRead, Pixels } from '../../core/plugins/define.ts';
import type { ReaderFacts } from './models.ts';
import { session } from './session.ts';
import { draw } from './shrink.ts';
import { charactersOf, guesses, type Answer, type Indices } from './texts.ts';

/** From here on one look is enough: for a text, and for a place that holds none. */
const SURE = 0.93;
const SURELY_EMPTY = 0.6;
/** Further looks at a doubtful plate: a little nearer, a little farther; shares of its size. */
const LOOKS: readonly number[] = [-0.04, 0.04];
const MOST_ALTERNATIVES = 9;
const LEAST_ALTERNATIVE = 0.002;

interface Look extends Answer {
  readonly province: Float32Array;
  readonly country: Float32Array;
  readonly sheet: Float32Array;
  readonly ink: Float32Array;
}

function largest(values: Float32Array): { readonly index: number; readonly value: number } {
  let index = 0;
  for (let k = 1; k < values.length; k++) if ((values[k] ?? 0) > (values[index] ?? 0)) index = k;
  return { index, value: values[index] ?? 0 };
}

/** Mean over the looks, output by output. */
function mean(looks: readonly Look[], of: 'province' | 'country' | 'sheet' | 'ink'): Float32Array {
  const [first = new Float32Array()] = looks.map((look) => look[of]);
  return first.map((_, k) => looks.reduce((sum, look) => sum + (look[of][k] ?? 0), 0) / looks.length);
}

function understand(looks: readonly Look[], facts: ReaderFacts): EngineRead {
  const { characters: alphabet, provinces, countries, sheets, inks } = facts;
  const textOf = (indices: Indices): string => indices.map((index) => alphabet[index] ?? '').join('');
  const [best = { indices: [], probability: 0 }, ...others] = guesses(looks, alphabet.length);
  const province = largest(mean(looks, 'province'));
  const code = provinces[province.index] ?? null;
  const country = largest(mean(looks, 'country'));
  const sheet = largest(mean(looks, 'sheet'));
  const ink = largest(mean(looks, 'ink'));
  return {
    text: textOf(best.indices),
    confidence: Math.min(1, best.probability),
    isCalibrated: true,
    acceptFrom: facts.accept.confidence,
    characters: charactersOf(looks, alphabet.length, best).map(({ index, probability, others: rest }) => ({
      char: alphabet[index] ?? '',
      confidence: Math.min(1, probability),
      alternatives: rest.map((one) => ({ char: alphabet[one.index] ?? '', confidence: one.probability })),
    })),
    province: code === null ? null : { code, confidence: province.value },
    country: { code: countries[country.index] ?? '', confidence: country.value },
    colour: {
      background: sheets[sheet.index] ?? '',
      text: inks[ink.index] ?? '',
      confidence: Math.min(sheet.value, ink.value),
    },
    alternatives: others
      .filter(({ indices, probability }) => indices.length > 0 && probability >= LEAST_ALTERNATIVE)
      .slice(0, MOST_ALTERNATIVES)
      .map(({ indices, probability }) => ({ text: textOf(indices), confidence: Math.min(1, probability) })),
  };
}

export async function read(patch: Pixels): Promise<EngineRead> {
  const { session: net, facts } = await session('reader');
  const { height, width } = facts.input;
  const look = async (grown: number): Promise<Look> => {
    const input = new Uint8Array(height * width * 3);
    const [w, h] = [patch.width, patch.height];
    draw(patch, [-grown * w, -grown * h, (1 + 2 * grown) * w, (1 + 2 * grown) * h], input, width, height);
    const out = await net.run({ pictures: new Tensor('uint8', input, [1, height, width, 3]) });
    const part = (name: string): Float32Array => {
      const tensor = out[name];
      if (!tensor) throw new Error(`the reader network gave no answer named "${name}"`);
      return tensor.data as Float32Array;
    };
    return {
      slots: part('characters'),
      columns: part('line'),
      single: part('single')[0] ?? 0,
      province: part('province'),
      country: part('country'),
      sheet: part('sheet'),
      ink: part('ink'),
    };
  };
  const once = await look(0);
  const first = understand([once], facts);
  if (first.confidence >= (first.text === '' ? SURELY_EMPTY : SURE)) return first;
  const all = [once];
  for (const grown of LOOKS) all.push(await look(grown));
  return understand(all, facts);
}
