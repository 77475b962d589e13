/** Reads a straightened plate with the reader network. Runs in a worker. */
import { Tensor } from 'onnxruntime-node';
import type { CharacterRead, EngineRead, Pixels } from '../../core/plugins/define.ts';
import type { ReaderFacts } from './models.ts';
import { session } from './session.ts';
import { draw } from './shrink.ts';

/** From here on one look is enough. */
const SURE = 0.97;
/** Further looks at a doubtful plate: a little nearer, a little farther; shares of its size. */
const LOOKS: readonly number[] = [-0.04, 0.04];
const MOST_ALTERNATIVES = 5;

interface Answer {
  /** Per slot the probability of each character, the first being "none". */
  readonly characters: Float32Array;
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

/** Mean of several answers, output by output. */
function mean(answers: readonly Float32Array[]): Float32Array {
  const [first = new Float32Array()] = answers;
  return first.map((_, k) => answers.reduce((sum, answer) => sum + (answer[k] ?? 0), 0) / answers.length);
}

interface Choice {
  readonly index: number;
  readonly probability: number;
}

function slotsOf({ characters }: Answer, facts: ReaderFacts): Choice[][] {
  const size = facts.characters.length;
  return Array.from({ length: facts.slots }, (_, slot) =>
    Array.from(characters.subarray(slot * size, (slot + 1) * size), (probability, index) => ({ index, probability }))
      .sort((a, b) => b.probability - a.probability)
      .slice(0, 4),
  );
}

/** The likeliest texts, best first: slots are independent, so that each swap costs the ratio of its probabilities. */
function texts(
  slots: readonly Choice[][],
  facts: ReaderFacts,
): { readonly text: string; readonly confidence: number }[] {
  let beam: { readonly text: string; readonly confidence: number }[] = [{ text: '', confidence: 1 }];
  for (const choices of slots) {
    const longer = new Map<string, number>();
    for (const { text, confidence } of beam) {
      for (const { index, probability } of choices) {
        const next = text + (facts.characters[index] ?? '');
        longer.set(next, (longer.get(next) ?? 0) + confidence * probability);
      }
    }
    beam = [...longer]
      .map(([text, confidence]) => ({ text, confidence }))
      .sort((a, b) => b.confidence - a.confidence)
      .slice(0, 12);
  }
  return beam;
}

function understand(answer: Answer, facts: ReaderFacts): EngineRead {
  const slots = slotsOf(answer, facts);
  const [best = { text: '', confidence: 0 }, ...others] = texts(slots, facts);
  const characters = slots.flatMap((choices): CharacterRead[] => {
    const [first, ...rest] = choices;
    const char = facts.characters[first?.index ?? 0] ?? '';
    if (!first || char === '') return [];
    return [
      {
        char,
        confidence: first.probability,
        alternatives: rest
          .map(({ index, probability }) => ({ char: facts.characters[index] ?? '', confidence: probability }))
          .filter((other) => other.char !== '' && other.confidence >= 0.01),
      },
    ];
  });
  const province = largest(answer.province);
  const code = facts.provinces[province.index] ?? null;
  const country = largest(answer.country);
  const sheet = largest(answer.sheet);
  const ink = largest(answer.ink);
  return {
    text: best.text,
    confidence: best.confidence,
    isCalibrated: true,
    acceptFrom: facts.accept.confidence,
    characters,
    province: code === null ? null : { code, confidence: province.value },
    country: { code: facts.countries[country.index] ?? '', confidence: country.value },
    colour: {
      background: facts.sheets[sheet.index] ?? '',
      text: facts.inks[ink.index] ?? '',
      confidence: Math.min(sheet.value, ink.value),
    },
    alternatives: others
      .filter(({ text, confidence }) => text !== '' && confidence >= 0.002)
      .slice(0, MOST_ALTERNATIVES),
  };
}

export async function read(patch: Pixels): Promise<EngineRead> {
  const { session: net, facts } = await session('reader');
  const { height, width } = facts.input;
  const look = async (grown: number): Promise<Answer> => {
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
      characters: part('characters'),
      province: part('province'),
      country: part('country'),
      sheet: part('sheet'),
      ink: part('ink'),
    };
  };
  const once = await look(0);
  const first = understand(once, facts);
  if (first.confidence >= SURE) return first;
  const all = [once];
  for (const grown of LOOKS) all.push(await look(grown));
  return understand(
    {
      characters: mean(all.map(({ characters }) => characters)),
      province: mean(all.map(({ province }) => province)),
      country: mean(all.map(({ country }) => country)),
      sheet: mean(all.map(({ sheet }) => sheet)),
      ink: mean(all.map(({ ink }) => ink)),
    },
    facts,
  );
}
