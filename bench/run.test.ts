import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { provinceByCode } from '../core/plates/plates.ts';
import { renderPlate, renderScene } from '../core/simulator/simulator.ts';
import { sampled, type LabelledPicture } from './plates-data.ts';
import { quantile, quantileInterval, shareInterval } from './statistics.ts';

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}
const run = (words: readonly string[], env: Record<string, string> = {}): Promise<Ran> =>
  new Promise((resolve) => {
    const script = fileURLToPath(new URL('./run.ts', import.meta.url));
    execFile(process.execPath, [script, ...words], { env: { ...process.env, ...env } }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out, err });
    });
  });

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lpr-bench-'));
  const lines: object[] = [];
  await mkdir(join(folder, 'scenes'));
  await mkdir(join(folder, 'crops'));
  const scene = await renderScene({ seed: 4 });
  await writeFile(join(folder, 'scenes', '4.jpg'), scene.bytes);
  const plates = scene.plates.map(({ plateNumber, issuingEntity, box }) => ({
    text: plateNumber,
    province: provinceByCode(issuingEntity)?.nameTh ?? null,
    box,
  }));
  lines.push({ file: 'scenes/4.jpg', kind: 'scene', region: 'th', plates });
  const plate = {
    plateNumber: 'กย899',
    series: 'กย',
    serial: '899',
    issuingEntity: 'TH-70',
    countryCode: 'TH',
    plateType: 'RY1',
  };
  await writeFile(join(folder, 'crops', 'a.png'), await renderPlate(plate, { width: 340, seed: 1 }));
  // The same picture with another label: one right, one wrong, so that a share is neither 0 nor 1.
  for (const text of ['กย899', 'กย898']) {
    lines.push({ file: 'crops/a.png', kind: 'crop', region: 'th', plates: [{ text, province: 'ราชบุรี', box: null }] });
  }
  await writeFile(join(folder, 'manifest.jsonl'), lines.map((line) => JSON.stringify(line)).join('\n'));
});
afterAll(() => rm(folder, { recursive: true }));

test('without a name the benchmarks are listed', async () => {
  const ran = await run([]);
  expect(ran.code).toBe(0);
  expect(ran.out).toMatch(/^recognition +\S/m);
});

test('the last line is one JSON object, its keys have the fixed form', async () => {
  const words = ['recognition', '--json', '--data', folder, '--folders', 'scenes,crops', '--engines', 'classical'];
  const ran = await run(words);
  expect(ran.code).toBe(0);
  const { bench, figures, targets } = JSON.parse(ran.out.trim().split('\n').at(-1) ?? '') as {
    bench: string;
    figures: Record<string, number>;
    targets: Record<string, unknown>;
  };
  expect(bench).toBe('recognition');
  const form =
    /^classical\.(scenes|crops)\.(found|text_exact|text_folded|province_exact|both_exact|false_reads|ms_median|ms_p95)$/;
  for (const [key, value] of Object.entries(figures)) {
    expect(key).toMatch(form);
    expect(Number.isFinite(value)).toBe(true);
  }
  expect(Object.keys(targets).filter((key) => !(key in figures))).toEqual([]);
  expect(figures['classical.scenes.found']).toBe(1);
  expect(figures['classical.scenes.false_reads']).toBeLessThanOrEqual(1);
  expect(figures['classical.crops.text_exact']).toBe(0.5);
  expect(figures['classical.crops.province_exact']).toBe(1);
  expect(figures['classical.crops.both_exact']).toBe(0.5);
  expect(figures['classical.crops.found']).toBeUndefined();
  // Tables are for people and go to standard error.
  expect(ran.out.trim().split('\n')).toHaveLength(1);
  expect(ran.err).toContain('calibration loop');
});

test('merging is measured against the truth on a real database', async () => {
  const ran = await run(['merge', '--json', '--seeds', '5', '--cameras', '3', '--vehicles', '900', '--minutes', '15']);
  expect([ran.code, ran.err.includes('seeds 5')]).toEqual([0, true]);
  const { figures } = JSON.parse(ran.out) as { figures: Record<string, number> };
  expect(figures['passings']).toBeGreaterThan(20);
  expect(figures['detections']).toBeGreaterThanOrEqual((figures['passings'] ?? 0) * 0.95);
  for (const rate of ['duplicate_rate', 'lost_rate', 'text_right']) {
    expect(figures[rate]).toBeGreaterThanOrEqual(0);
    expect(figures[rate]).toBeLessThanOrEqual(1);
  }
});

test.each([
  [['merge', '--seeds', '1,1'], 1, 'each once'],
  [['merge', '--cameras', '0'], 1, 'whole number'],
  [['nothing-of-the-kind'], 2, 'no benchmark'],
  [['recognition', '--data', '/nowhere'], 2, 'manifest.jsonl'],
  [['recognition', '--sample'], 2, 'wants a value'],
])('%j is refused with words', async (words, code, hint) => {
  const ran = await run(words);
  expect([ran.code, ran.out]).toEqual([code, '']);
  expect(ran.err).toContain(hint);
});

test('without photographs the benchmark says so', async () => {
  const ran = await run(['recognition', '--json'], { LPR_PLATES: join(folder, 'crops') });
  expect(ran.code).toBe(1);
  expect(ran.err).toContain('LPR_PLATES');
});

describe('statistics', () => {
  test('a share lies within its interval, which narrows with the count', () => {
    for (const [hits, count] of [
      [0, 5],
      [3, 10],
      [10, 10],
    ] as const) {
      const { low, high } = shareInterval(hits, count);
      expect(low <= hits / count && hits / count <= high).toBe(true);
      expect(low >= 0 && high <= 1).toBe(true);
    }
    const width = (count: number): number => shareInterval(count / 2, count).high - shareInterval(count / 2, count).low;
    expect(width(1000)).toBeLessThan(width(100) / 2);
    // Wilson's interval of 8 in 10, worked out by hand.
    expect(shareInterval(8, 10).low).toBeCloseTo(0.49, 2);
    expect(shareInterval(8, 10).high).toBeCloseTo(0.943, 2);
  });

  test('quantiles lie between their bounds', () => {
    const sorted = Array.from({ length: 101 }, (_, i) => i);
    expect(quantile(sorted, 0.5)).toBe(50);
    const { low, high } = quantileInterval(sorted, 0.5);
    expect([low, high]).toEqual([41, 60]);
  });

  test('the sample is the same every time and does not hang on the order', () => {
    const pictures = Array.from({ length: 50 }, (_, i): LabelledPicture => ({
      file: `x/${i}`,
      kind: 'crop',
      region: 'th',
      plates: [],
    }));
    const names = (list: readonly LabelledPicture[]): string[] => list.map(({ file }) => file);
    expect(names(sampled(pictures, 7))).toEqual(names(sampled([...pictures].reverse(), 7)));
    expect(sampled(pictures, 7)).toHaveLength(7);
    expect(sampled(pictures, 99)).toBe(pictures);
  });
});
