import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import ExcelJS from 'exceljs';
import type { ImportPlan, ImportPreview } from '../imports.ts';
import { parseListDate, dateOrderOf } from './list-dates.ts';
import { AS_IT_LOOKS, lookAtFile, previewOf } from './look-at-file.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lpr-read-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const signal = AbortSignal.timeout(60_000);
let files = 0;

async function look(content: string | Uint8Array, plan: Partial<ImportPlan> = {}): Promise<ImportPreview> {
  const file = join(folder, String(files++));
  await writeFile(file, content);
  return previewOf(await lookAtFile(file, plan, null, signal), (wall) => new Date(wall - 7 * 3_600_000));
}

/** Thai letters of windows-874 lie in the order of Unicode, from 0xA1. */
const thai874 = (text: string): Buffer =>
  Buffer.from(Array.from(text, (char) => (char > '\u0e00' ? char.charCodeAt(0) - 0x0e00 + 0xa0 : char.charCodeAt(0))));

const THAI = 'เลขทะเบียน,จังหวัด,ข้อหา\r\n1กก 1234,เชียงใหม่,รถหาย\r\n';
const FIRST = { plateNumber: '1กก1234', issuingEntity: 'TH-50', countryCode: 'TH', reason: 'รถหาย' };

describe('letters', () => {
  const utf16be = Buffer.from(`\uFEFF${THAI}`, 'utf16le').swap16();
  test.each([
    ['UTF-8', Buffer.from(THAI), 'utf-8'],
    ['UTF-8 with its mark', Buffer.from(`\uFEFF${THAI}`), 'utf-8'],
    ['windows-874', thai874(THAI), 'windows-874'],
    ['UTF-16 with its mark', Buffer.from(`\uFEFF${THAI}`, 'utf16le'), 'utf-16le'],
    ['UTF-16 without', Buffer.from(THAI.repeat(3), 'utf16le'), 'utf-16le'],
    ['UTF-16, big end first', utf16be, 'utf-16be'],
  ])('%s', async (_name, bytes, encoding) => {
    const { found, rows } = await look(bytes);
    expect(found.encoding).toBe(encoding);
    expect(rows[0]?.entry).toEqual(FIRST);
  });

  test('Thai letters that come late in a file', async () => {
    const ascii = `plate,reason\n${Array.from({ length: 60_000 }, (_, i) => `AB ${i},x`).join('\n')}\n`;
    expect((await look(Buffer.concat([Buffer.from(ascii), thai874('1กก 1,รถหาย\n')]))).found.encoding).toBe(
      'windows-874',
    );
    expect((await look(`${ascii}1กก 1,รถหาย\n`)).found.encoding).toBe('utf-8');
  });

  test('bytes that are no text of any kind', async () => {
    await expect(look(Buffer.from([0x41, 0xff, 0xfe, 0xdb, 0x42]))).rejects.toMatchObject({ code: 'list_unreadable' });
  });

  test('a wrong encoding is told at the row', async () => {
    const reading = { ...AS_IT_LOOKS, encoding: 'utf-8' } as const;
    const { rows } = await look(Buffer.concat([Buffer.from('plate,reason\n'), thai874('1กก 1234,รถหาย\n')]), {
      reading,
    });
    expect(rows[0]?.problems).toContainEqual({
      field: 'plateNumber',
      problem: 'has a character that cannot be read: is the encoding right?',
    });
  });
});

describe('separators and headers', () => {
  test.each([',', ';', '\t', '|'])('%j', async (delimiter) => {
    const { found, rows } = await look(THAI.replaceAll(',', delimiter));
    expect(found).toMatchObject({ delimiter, headerLines: 1 });
    expect(rows[0]?.entry).toEqual(FIRST);
  });

  test('quotes: separators, quotation marks and lines within a cell', async () => {
    const { rows } = await look('plate,province,notes\n"AB 1234",,"a, ""b""\nc"\nCD 5678,,d\n');
    expect(rows.map(({ row, entry }) => [row, entry.plateNumber, entry.notes])).toEqual([
      [2, 'AB1234', 'a, "b"\nc'],
      [3, 'CD5678', 'd'],
    ]);
  });

  test('titles above the header do not count, empty rows do', async () => {
    const { found, rows } = await look(
      'รายการรถหาย พ.ศ. 2569,,\n,,\nเลขทะเบียน,จังหวัด,ข้อหา\n1กก 1,กทม.,x\n,,\n1กก 2,กทม.,x\n',
    );
    expect(found.headerLines).toBe(3);
    expect(rows.map(({ row }) => row)).toEqual([4, 6]);
  });

  test('series and number in columns of their own', async () => {
    const { plan, rows } = await look('หมวดอักษร,หมายเลข,จังหวัด\n1กก,1234,ขอนแก่น\n');
    expect(plan.map.plateNumber).toEqual(['หมวดอักษร', 'หมายเลข']);
    expect(rows[0]?.entry).toMatchObject({ plateNumber: '1กก1234', issuingEntity: 'TH-40' });
  });

  test('columns without words are known by their values', async () => {
    const { plan } = await look('x,สมหญิง,2กก 55,เชียงราย\ny,สมชาย,3ขข 66,ลำปาง\n');
    expect(plan.map).toEqual({ plateNumber: ['#3'], issuingEntity: ['#4'] });
  });

  test('40 columns; more than 200 are refused', async () => {
    const wide = (count: number): string => {
      const names = Array.from({ length: count }, (_, i) => (i === 30 ? 'plate' : `c${i}`));
      return `${names.join(',')}\n${names.map((name) => (name === 'plate' ? 'AB 1' : 'x')).join(',')}\n`;
    };
    const { found, rows } = await look(wide(40));
    expect(found.columns).toHaveLength(40);
    expect(rows[0]?.entry).toEqual({ plateNumber: 'AB1' });
    await expect(look(wide(201))).rejects.toMatchObject({ code: 'list_unreadable' });
  });

  test('a row with more cells than the list has columns is faulty', async () => {
    const { rows } = await look('plate,reason\nAB 1,x\nAB 2,y,z\nAB 3,y\n');
    expect(rows.map(({ problems }) => problems.map(({ field }) => field))).toEqual([[], ['row'], []]);
  });

  test('a quotation mark that is never closed', async () => {
    const file = join(folder, 'open-quote');
    await writeFile(file, `plate,reason\nAB 1,"x\n${'AB 2,y\n'.repeat(300_000)}`);
    await expect(lookAtFile(file, {}, null, signal)).rejects.toMatchObject({
      code: 'list_unreadable',
      message: expect.stringContaining('Row 2') as unknown,
    });
  });

  test('fixed width without a layout: the columns are said', async () => {
    const widths = [
      { name: 'ทะเบียน', start: 0, end: 9 },
      { name: 'จังหวัด', start: 9, end: null },
    ];
    const { found, rows } = await look(thai874('1กก 1234 เชียงใหม่\n2ขข 55   ลำปาง\n'), {
      reading: { ...AS_IT_LOOKS, format: 'fixed', widths },
    });
    expect(found.format).toBe('fixed');
    expect(rows.map(({ entry }) => entry.issuingEntity)).toEqual(['TH-50', 'TH-52']);
    const blind = look('1กก 1234 เชียงใหม่\n', { reading: { ...AS_IT_LOOKS, format: 'fixed' } });
    await expect(blind).rejects.toMatchObject({ code: 'list_unreadable' });
  });
});

describe('workbooks', () => {
  async function workbook(fill: (sheet: ExcelJS.Worksheet, book: ExcelJS.Workbook) => void): Promise<Buffer> {
    const book = new ExcelJS.Workbook();
    fill(book.addWorksheet('รถหาย'), book);
    return Buffer.from(await book.xlsx.writeBuffer());
  }

  test('formulas are their values, dates are dates, numbers keep their digits', async () => {
    const bytes = await workbook((sheet) => {
      sheet.addRow(['เลขทะเบียน', 'จังหวัด', 'วันหมดอายุ', 'หมายเหตุ']);
      sheet.addRow(['1กก 1234', { formula: '"เชียง"&"ใหม่"', result: 'เชียงใหม่' }, new Date('2027-01-31'), 12345678901]);
      sheet.addRow([{ richText: [{ text: '2ข' }, { text: 'ข 55' }] }, 'กทม.', '31/12/2570', { error: '#N/A' }]);
      sheet.getColumn(3).numFmt = 'dd/mm/yyyy';
    });
    const { found, rows } = await look(bytes);
    expect(found).toMatchObject({ format: 'xlsx', encoding: null, sheet: 'รถหาย', sheets: ['รถหาย'], headerLines: 1 });
    expect(rows.map(({ entry }) => entry)).toEqual([
      {
        ...{ plateNumber: '1กก1234', issuingEntity: 'TH-50', countryCode: 'TH' },
        ...{ validTo: '2027-01-31T17:00:00.000Z', notes: '12345678901' },
      },
      {
        ...{ plateNumber: '2ขข55', issuingEntity: 'TH-10', countryCode: 'TH' },
        ...{ validTo: '2027-12-31T17:00:00.000Z', notes: '#N/A' },
      },
    ]);
  });

  test('another sheet, by its name', async () => {
    const bytes = await workbook((sheet, book) => {
      sheet.addRow(['nothing']);
      book.addWorksheet('Second').addRows([['plate'], ['AB 1']]);
    });
    const { rows } = await look(bytes, { reading: { ...AS_IT_LOOKS, sheet: 'Second' } });
    expect(rows[0]?.entry).toEqual({ plateNumber: 'AB1' });
    const missing = look(bytes, { reading: { ...AS_IT_LOOKS, sheet: 'Third' } });
    await expect(missing).rejects.toMatchObject({ details: { problems: [{ field: 'reading.sheet' }] } });
  });

  /** A zip of one part, as the format says. */
  function zip(name: string, packed: Buffer, size: number): Buffer {
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(8, 8);
    local.writeUInt32LE(packed.length, 18);
    local.writeUInt32LE(size, 22);
    local.writeUInt16LE(name.length, 26);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(8, 10);
    central.writeUInt32LE(packed.length, 20);
    // It says it is small.
    central.writeUInt32LE(100, 24);
    central.writeUInt16LE(name.length, 28);
    const end = Buffer.alloc(22);
    end.writeUInt32LE(0x06054b50, 0);
    end.writeUInt16LE(1, 10);
    end.writeUInt32LE(46 + name.length, 12);
    end.writeUInt32LE(30 + name.length + packed.length, 16);
    return Buffer.concat([local, Buffer.from(name), packed, central, Buffer.from(name), end]);
  }

  test('a small file that unpacks to a huge one is refused, whatever it says of itself', async () => {
    const bomb = deflateRawSync(Buffer.alloc(300 * 2 ** 20));
    expect(bomb.length).toBeLessThan(400_000);
    await expect(look(zip('xl/sharedStrings.xml', bomb, bomb.length))).rejects.toMatchObject({
      details: { problems: [{ field: 'file', problem: 'is too large unpacked' }] },
    });
  });

  test('bytes beside the parts that the directory names', async () => {
    const bytes = await workbook((sheet) => sheet.addRow(['plate']));
    await expect(look(Buffer.concat([bytes.subarray(0, 4), Buffer.alloc(100), bytes]))).rejects.toMatchObject({
      code: 'list_unreadable',
    });
    await expect(look(bytes.subarray(0, bytes.length / 2))).rejects.toMatchObject({ code: 'list_unreadable' });
  });

  test('a workbook of the old kind', async () => {
    await expect(look(Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1]))).rejects.toMatchObject({
      message: expect.stringContaining('XLSX') as unknown,
    });
  });
});

describe('dates', () => {
  const day = (text: string): string => {
    const read = parseListDate(text, 'dmy');
    return typeof read === 'string' ? read : new Date(read.at).toISOString().replace('T00:00:00.000Z', '');
  };
  test.each([
    ['2026-11-30', '2026-11-30'],
    ['20261130', '2026-11-30'],
    ['2569-11-30', '2026-11-30'],
    ['30/11/2569', '2026-11-30'],
    ['30-11-2026', '2026-11-30'],
    ['๓๐/๑๑/๒๕๖๙', '2026-11-30'],
    ['30 พ.ย. 2569', '2026-11-30'],
    ['30 พฤศจิกายน พ.ศ. 2569', '2026-11-30'],
    ['30 Nov 2026', '2026-11-30'],
    ['29/02/2567', '2024-02-29'],
    ['46356', '2026-11-30'],
    ['30/11/2569 14.30 น.', '2026-11-30T14:30:00.000Z'],
    ['2026-11-30T14:30:05+07:00', '2026-11-30T07:30:05.000Z'],
    ['29/02/2569', 'is no day of the calendar'],
    ['31/04/2026', 'is no day of the calendar'],
    ['2026-13-01', 'is no day of the calendar'],
    ['00/01/2026', 'is no day of the calendar'],
    ['30/11/69', 'has a year that is not of four digits: write 2026 or 2569'],
    ['30/11/2569 25:00', 'has a time that no clock shows'],
    ['soon', 'is no date that the hub can read: write 2026-12-31 or 31/12/2569'],
  ])('%s', (text, wanted) => {
    expect(day(text)).toBe(wanted);
  });

  test('which comes first, day or month, is told by a number above 12', () => {
    expect(dateOrderOf(['01/02/2026', '12/31/2026'])).toBe('mdy');
    expect(dateOrderOf(['01/02/2026', '31/12/2026'])).toBe('dmy');
    expect(dateOrderOf(['01/02/2026'])).toBe('dmy');
    expect(dateOrderOf(['2026-01-02'])).toBe('ymd');
    expect(dateOrderOf(['x'])).toBeNull();
  });
});

describe('words for places and classes', () => {
  test.each([
    ['จ.เชียงใหม่', 'TH-50'],
    ['จังหวัดชลบุรี', 'TH-20'],
    ['กทม.', 'TH-10'],
    ['BKK', 'TH-10'],
    ['Chon Buri', 'TH-20'],
    ['chonburi', 'TH-20'],
    ['TH-83', 'TH-83'],
    ['ชม', 'TH-50'],
    ['เบตง', 'TH-95-BETONG'],
    ['us-mo', 'US-MO'],
  ])('%s', async (word, code) => {
    const { rows } = await look(`plate,province\nAB 1,${word}\n`);
    expect(rows[0]).toMatchObject({ entry: { issuingEntity: code }, problems: [] });
  });

  test('a name that is only like one is a fault that says what may be meant', async () => {
    const { rows } = await look('plate,province\nAB 1,เชียงไหม่\n');
    expect(rows[0]?.problems).toEqual([
      { field: 'issuingEntity', problem: 'is no province that the hub knows: is เชียงใหม่ (TH-50) meant?: "เชียงไหม่"' },
    ]);
  });

  test('classes as the registration book writes them', async () => {
    const { rows } = await look('plate,province,plate type,country\n1กก 1,กทม.,รย.12,ไทย\n');
    expect(rows[0]?.entry).toMatchObject({ plateType: 'RY12', countryCode: 'TH' });
  });

  test('how sure an entry is', async () => {
    const { rows } = await look('plate,confidence\nAB 1,80%\nAB 2,0.5\nAB 3,low\nAB 4,สูง\nAB 5,maybe\n');
    expect(rows.map(({ entry }) => entry.confidence)).toEqual(['0.8', '0.5', '0.3', '0.9', undefined]);
    expect(rows[4]?.problems).toMatchObject([{ field: 'confidence' }]);
  });
});

test('an empty file', async () => {
  await expect(look('')).rejects.toMatchObject({ code: 'list_unreadable' });
});
