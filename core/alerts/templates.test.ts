import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { openTestDatabase, type TestDatabase } from '../../test/database.ts';
import { pluginsOf } from '../../test/fake-plugins.ts';
import { quietLog } from '../../test/quiet-log.ts';
import sms from '../../plugins/alert-sms/plugin.ts';
import { createTemplateStore } from '../db/stores/template-store.ts';
import type { AlertFacts } from './alert-facts.ts';
import { createTemplates } from './create-templates.ts';
import { sampleFacts } from './sample-facts.ts';
import { smsParts } from './sms-parts.ts';
import { defaultWords, PLUGINS_WITH_WORDS } from './template-defaults.ts';
import {
  fieldText,
  knownFields,
  maskedPlate,
  templateWords,
  withMaskedPlate,
  type Writing,
} from './template-fields.ts';
import { parseTemplate, renderParsed } from './template-text.ts';
import { TEMPLATE_KINDS, type Templates } from './templates.ts';

const NOW = new Date('2026-11-26T01:15:30Z');
const site = { name: 'Gate house', timeZone: 'Asia/Bangkok', era: 'buddhist' } as const;
const facts = (more: Partial<AlertFacts> = {}): AlertFacts => ({
  ...sampleFacts('alert', 'th', NOW, 'https://lpr.example'),
  capturedAt: NOW,
  ...more,
});
const say = (text: string, given = facts(), writing: Partial<Writing> = {}): string =>
  renderParsed(parseTemplate(text, knownFields), (part) =>
    fieldText(part, given, { language: 'th', site, masksPlate: false, ...writing }),
  );

describe('a template', () => {
  test.each([
    ['ทะเบียน {plate} {province}', 'ทะเบียน 1กก1234 กรุงเทพมหานคร'],
    ['{plate|spaced} {plate|masked}', '1กก 1234 1••••34'],
    ['{capturedAt}', '26 พ.ย. 2569 08:15'],
    ['{capturedAt|time} {capturedAt|seconds}', '08:15 08:15:30'],
    ['{capturedAt|long}', 'วันพฤหัสบดีที่ 26 พฤศจิกายน พุทธศักราช 2569'],
    ['{capturedAt|date|gregorian}', '26 พ.ย. ค.ศ. 2026'],
    ['{capturedAt|iso}', '2026-11-26T01:15:30.000Z'],
    ['{category} {match} {sureness}', 'รถหาย ทะเบียนตรงกัน 97%'],
    ['{class}', 'รถยนต์นั่งส่วนบุคคลไม่เกิน 7 คน (รย.1)'],
    ['{country} {listAge} {repeats}', 'ไทย ปรับปรุงเมื่อวานนี้ พบซ้ำอีก 2 ครั้ง'],
    ['a \\{plate\\} \\[b\\] \\\\', 'a {plate} [b] \\'],
    ['lone ] stays', 'lone ] stays'],
  ])('%s', (text, expected) => {
    // Node's calendars write the era of a year in one way or another.
    const [said, wanted] = [say(text), expected].map((one) => one.replace(/พุทธศักราช |ค\.ศ\. /g, ''));
    expect(said).toBe(wanted);
  });

  test('writes English with the years of English, unless it is told otherwise', () => {
    expect(say('{capturedAt|date}', facts(), { language: 'en' })).toBe('26 Nov 2026');
    expect(say('{capturedAt|date|buddhist}', facts(), { language: 'en' })).toContain('2569');
    expect(say('{capturedAt|date}', facts(), { site: { ...site, era: 'gregorian' } })).toContain('2026');
  });

  test('leaves out what has nothing to say, whole lines too', () => {
    const text = 'A\n[Reason: {reason}]\n\n\n\n[{place}][ · {capturedAt|time}]';
    expect(say(text, facts({ reason: null, checkpoint: null, cameraName: null }))).toBe('A\n\n · 08:15');
    expect(say(text, facts({ reason: 'x' }))).toBe('A\nReason: x\n\nด่านตัวอย่าง · 08:15');
  });

  test('a value is plain text: no control characters, no turned writing, no fields of its own', () => {
    const reason = 'a\u0000b\r\nBcc: x\u202Egnol\u200B <b>{plate}</b> [x]';
    expect(say('{reason}', facts({ reason }))).toBe('ab Bcc: xgnol <b>{plate}</b> [x]');
  });

  test.each([
    ['{plat}', 'names {plat}, which is no field: did you mean {plate}?'],
    ['{licence}', 'names {licence}, which is no field'],
    ['{plate|time}', 'asks for {plate|time}, but it takes spaced, masked'],
    ['{camera|upper}', 'asks for {camera|upper}, but it takes none'],
    ['{plate', 'has a { without its }: write \\{ where the sign itself is meant'],
    ['[{plate}', 'has a [ without its ] on the same line: write \\[ where the sign itself is meant'],
    ['[a [{plate}]]', 'has a [ within [ ]: they cannot stand in one another'],
    ['[nothing]', 'has [ ] without a field in it'],
  ])('%s is refused', (text, fault) => {
    expect(parseTemplate(text, knownFields).faults).toContain(fault);
  });

  test('a plate of combining marks is masked by whole characters', () => {
    expect(maskedPlate('1กก1234')).toBe('1••••34');
    expect(maskedPlate('กข12')).toBe('ก••2');
    expect(withMaskedPlate('Stolen 1กก 1234, 1กก1234', '1กก1234')).toBe('Stolen 1••••34, 1••••34');
  });
});

describe('the words of the hub', () => {
  const slots = TEMPLATE_KINDS.flatMap((kind) =>
    (['th', 'en'] as const).flatMap((language) =>
      [null, ...PLUGINS_WITH_WORDS].map((plugin) => ({ kind, language, plugin })),
    ),
  );
  test.each(slots)('$kind, $language, $plugin', ({ kind, language, plugin }) => {
    const words = defaultWords(kind, plugin, language);
    expect(words).not.toBeNull();
    for (const text of [words!.title, words!.text]) expect(parseTemplate(text, knownFields).faults).toEqual([]);
    const given = sampleFacts(kind, language, NOW, null);
    for (const text of [words!.title, words!.text]) {
      expect(say(text, given, { language })).not.toBe('');
    }
  });

  test('both languages have words for the same things', () => {
    const keys = (value: object): string[] =>
      Object.entries(value).flatMap(([key, part]: [string, unknown]) =>
        typeof part === 'object' && part !== null ? keys(part).map((one) => `${key}.${one}`) : [key],
      );
    expect(keys(templateWords.th)).toEqual(keys(templateWords.en));
  });

  test('a geofence, a camera in trouble and a bare alert read well', () => {
    const bare = facts({
      ...{ plateNumber: null, province: null, listName: null, reason: null, matchedBy: null, sureness: null },
      ...{ geofence: null, geofenceEvent: null, listAgeDays: null, title: 'กล้องขัดข้อง', cameraTrouble: 'offline' },
    });
    const { title, text } = defaultWords('alert', null, 'th')!;
    expect(say(title, bare)).toBe('กล้องขัดข้อง');
    expect(say(text, bare)).toBe('กล้อง ประตู 1 ขาเข้า ขาดการติดต่อ\nด่านตัวอย่าง · 26 พ.ย. 2569 08:15');
    const dwell = facts({ geofenceEvent: 'dwell', geofenceSeconds: 1_500 });
    expect(say(text, dwell).split('\n')[0]).toBe('อยู่ในเขต เขตเมืองเก่า นาน 25 นาที');
  });
});

describe('SMS', () => {
  test.each([
    ['', 'GSM-7', 0, 0, 160],
    ['a'.repeat(160), 'GSM-7', 160, 1, 160],
    ['a'.repeat(161), 'GSM-7', 161, 2, 153],
    ['a'.repeat(306), 'GSM-7', 306, 2, 153],
    ['a'.repeat(307), 'GSM-7', 307, 3, 153],
    ['€'.repeat(80), 'GSM-7', 160, 1, 160],
    // 76 of them are 152 septets: the 77th does not fit into the 153rd.
    ['€'.repeat(153), 'GSM-7', 306, 3, 153],
    ['ก'.repeat(70), 'UCS-2', 70, 1, 70],
    ['ก'.repeat(71), 'UCS-2', 71, 2, 67],
    ['ก'.repeat(135), 'UCS-2', 135, 3, 67],
    // 33 are 66 units: the 34th is not cut in two.
    ['🚗'.repeat(67), 'UCS-2', 134, 3, 67],
  ])('%#: parts of %s', (text, encoding, units, parts, perPart) => {
    expect(smsParts(text)).toMatchObject({ encoding, units, parts, perPart });
  });
  test('names the signs that make it long', () => {
    expect(smsParts('Stolen · 1กก1234').unusual).toEqual(['·', 'ก']);
  });
});

describe('kept templates', () => {
  let database: TestDatabase;
  let templates: Templates;
  let newest: AlertFacts | null = null;
  const make = (): Templates =>
    createTemplates({
      store: createTemplateStore(database),
      news: { on: () => () => undefined },
      plugins: pluginsOf(sms),
      site: () => Promise.resolve(site),
      factsOf: (alertId) => Promise.resolve(alertId === null || alertId === newest?.alertId ? newest : null),
      publicUrl: 'https://lpr.example',
      log: quietLog,
      now: () => NOW,
    });
  const slot = { kind: 'alert', plugin: null, language: 'th' } as const;
  const mine = { ...slot, title: '{title}', text: '{plate}', masksPlate: false };

  beforeAll(async () => {
    database = await openTestDatabase();
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await database.pool.query('truncate alert_templates');
    newest = null;
    templates = make();
    await templates.start();
  });

  test('somebody’s words stand in for the hub’s, until they are reset', async () => {
    const before = templates.render(facts(), slot);
    const saved = await templates.save({ ...mine, masksPlate: true });
    expect(templates.render(facts(), slot)).toEqual({ title: 'รถหาย', text: '1••••34' });
    expect(templates.render(facts(), { plugin: 'email', language: 'th' }).text).toBe('1••••34');
    // A plugin with words of its own keeps them, and another language too.
    expect(templates.render(facts(), { plugin: 'sms', language: 'th' }).text).toContain('1กก 1234');
    expect(templates.render(facts(), { plugin: null, language: 'en' }).text).not.toBe('1••••34');
    expect((await templates.save(mine)).templateId).toBe(saved.templateId);
    await templates.reset(saved.templateId!);
    expect(templates.render(facts(), slot)).toEqual(before);
    await expect(templates.reset(saved.templateId!)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('a fault is refused with its field, and nothing is kept', async () => {
    await expect(
      templates.save({ ...mine, plugin: 'pigeon', title: 'a\nb', text: '{plat} {camara}' }),
    ).rejects.toMatchObject({
      code: 'invalid_input',
      details: {
        problems: [
          { field: 'title', problem: 'must be one line' },
          { field: 'text', problem: expect.stringContaining('{plate}') },
          { field: 'text', problem: expect.stringContaining('{camera}') },
          { field: 'plugin' },
        ],
      },
    });
    expect(templates.list().every(({ templateId }) => templateId === null)).toBe(true);
  });

  test('words that an update no longer knows are shown as such and not used', async () => {
    await createTemplateStore(database).save({ ...mine, text: '{gone}' });
    const later = make();
    await later.start();
    expect(later.list().find(({ templateId }) => templateId !== null)?.problems).toMatchObject([{ field: 'text' }]);
    expect(later.render(facts(), slot).text).toContain('รถหาย');
  });

  test('a preview shows the newest alert, a chosen one, or made-up facts', async () => {
    const input = { ...mine, plugin: 'sms', text: '{plate} {acknowledge}' };
    expect(await templates.preview(input, null)).toMatchObject({
      ...{ alertId: null, text: `1กก1234 https://lpr.example/ack/${'x'.repeat(43)}`, maxText: 1600 },
      sms: { encoding: 'UCS-2', parts: 2 },
    });
    newest = facts({ alertId: '00000000-0000-4000-8000-000000000009', plateNumber: '9ฮฮ9999', acknowledgeLink: null });
    expect(await templates.preview({ ...input, text: '{plate}' }, null)).toMatchObject({
      ...{ alertId: newest.alertId, text: '9ฮฮ9999', characters: 7 },
    });
    expect(await templates.preview({ ...input, kind: 'digest', text: '{items}' }, null)).toMatchObject({
      alertId: null,
    });
    await expect(templates.preview(input, '00000000-0000-4000-8000-000000000001')).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(templates.preview({ ...input, text: '{plat}' }, null)).rejects.toMatchObject({
      code: 'invalid_input',
    });
  });

  test('each field has its formats and an example in both languages', () => {
    for (const { name, example } of templates.fields()) {
      expect({ name, ...example }).toEqual({ name, en: expect.stringMatching(/./), th: expect.stringMatching(/./) });
    }
  });
});
