import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { EntryTexts, ImportPreview } from '../imports.ts';
import { layouts } from './layouts.ts';
import { lookAtFile, previewOf } from './look-at-file.ts';

const SAMPLES = join(import.meta.dirname, 'samples');
const signal = AbortSignal.timeout(50_000);

async function sample(name: string): Promise<ImportPreview> {
  const look = await lookAtFile(join(SAMPLES, name), {}, null, signal);
  return previewOf(look, (wall) => new Date(wall - 7 * 3_600_000));
}

const entries = ({ rows }: ImportPreview): readonly EntryTexts[] => rows.map(({ entry }) => entry);

describe('a constructed file of each documented layout is known by what it looks like', () => {
  test.each([
    ['ncic.txt', 'ncic-fixed', 'fixed'],
    ['ncic.csv', 'ncic-csv', 'delimited'],
    ['florida.txt', 'florida', 'delimited'],
    ['texas.csv', 'texas', 'delimited'],
    ['svs.tbl', 'california', 'fixed'],
    ['new-york.txt', 'new-york', 'fixed'],
    ['washington.csv', 'washington', 'delimited'],
    ['genetec.txt', 'genetec', 'delimited'],
    ['vigilant.csv', 'vigilant', 'delimited'],
    ['openalpr.csv', 'openalpr', 'delimited'],
    ['uk-back-office.csv', 'uk-back-office', 'delimited'],
    ['plain.txt', 'plain', 'delimited'],
  ])('%s is %s', async (file, layout, format) => {
    const preview = await sample(file);
    expect(preview.found).toMatchObject({ layout, format });
    expect(preview.rows.length).toBeGreaterThan(1);
    expect(preview.rows.flatMap(({ problems }) => problems).filter(({ field }) => field !== 'plateNumber')).toEqual([]);
    expect(entries(preview).every(({ plateNumber = '' }) => plateNumber !== '')).toBe(true);
  });

  test('each layout is tried', () => {
    expect(layouts).toHaveLength(12);
  });
});

describe('what its rows say', () => {
  test('NCIC, fixed width: codes as words, a zero in a state is the letter, the vehicle in the notes', async () => {
    const [first, second] = entries(await sample('ncic.txt'));
    expect(first).toEqual({
      ...{ plateNumber: 'AB1234', issuingEntity: 'US-TX', countryCode: 'US', reason: 'stolen vehicle' },
      ...{ agency: 'TH0100200', reference: 'V123456789' },
      notes: 'vehicle year: 2019; make: TOYT; model: CAM; style: 4D; colour: SIL',
    });
    expect(second).toMatchObject({ issuingEntity: 'US-OH', reason: 'stolen plate' });
  });

  test('NCIC, 11 columns: the kind is the first letter of the record', async () => {
    const [, second] = entries(await sample('ncic.csv'));
    expect(second).toMatchObject({ plateNumber: 'QQQ777', issuingEntity: 'US-CO', reason: 'wanted person' });
  });

  test('Texas: the kind is the second letter of the record', async () => {
    const [first] = entries(await sample('texas.csv'));
    expect(first).toMatchObject({ plateNumber: 'ABC1234', issuingEntity: 'US-TX', reason: 'stolen vehicle' });
  });

  test('California: the footer is no entry', async () => {
    const preview = await sample('svs.tbl');
    expect(entries(preview).map(({ plateNumber }) => plateNumber)).toEqual(['8ABC123', '7XYZ987']);
    expect(preview.rows.map(({ row }) => row)).toEqual([2, 3]);
  });

  test('Genetec: a day as the end holds to its midnight on the clock of the site', async () => {
    const [first, second] = entries(await sample('genetec.txt'));
    expect(first).toEqual({
      ...{ plateNumber: '1กข1234', issuingEntity: 'TH-10', countryCode: 'TH', reason: 'Stolen' },
      ...{ validFrom: '2026-10-31T17:00:00.000Z', validTo: '2027-11-01T17:00:00.000Z' },
    });
    expect(second).toEqual({ plateNumber: '2กค99', issuingEntity: 'TH-50', countryCode: 'TH', reason: 'Wanted' });
  });

  test('OpenALPR: the region names the country', async () => {
    const [first] = entries(await sample('openalpr.csv'));
    expect(first).toMatchObject({ issuingEntity: 'US-MO', countryCode: 'US', reason: 'Stolen vehicle' });
  });

  test('UK: the weed date ends the entry, force and markers are kept', async () => {
    const [first] = entries(await sample('uk-back-office.csv'));
    expect(first).toMatchObject({
      ...{ plateNumber: 'AB12CDE', countryCode: 'GB', reason: 'STOLEN', agency: 'MET 01', reference: '26/1234' },
      validTo: '2026-12-31T17:00:00.000Z',
    });
    expect(first?.notes).toContain('warning markers: FIREARMS');
  });
});
