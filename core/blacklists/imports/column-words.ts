/** What columns are called, in Thai and English, and what that says of them. */
import type { ImportField } from '../imports.ts';

/** Lower case; spaces, dots, dashes and underscores do not count. */
const WORDS: Readonly<Record<ImportField, readonly string[]>> = {
  plateNumber: [
    ...['plate', 'plate number', 'plate no', 'plate text', 'hot plate', 'license plate', 'licence plate', 'lpn', 'vrm'],
    ...[
      'license number',
      'registration',
      'registration number',
      'reg no',
      'number plate',
      'tag',
      'license plate number',
    ],
    ...[
      'ทะเบียน',
      'เลขทะเบียน',
      'ทะเบียนรถ',
      'หมายเลขทะเบียน',
      'ป้ายทะเบียน',
      'เลขทะเบียนรถ',
      'หมายเลขทะเบียนรถ',
      'แผ่นป้ายทะเบียน',
    ],
  ],
  issuingEntity: [
    ...[
      'province',
      'state',
      'state/province',
      'plate state',
      'plate province',
      'jurisdiction',
      'region',
      'issuing entity',
    ],
    ...['จังหวัด', 'จว', 'จังหวัดทะเบียน', 'จังหวัดที่จดทะเบียน', 'ทะเบียนจังหวัด', 'หมวดจังหวัด'],
  ],
  countryCode: ['country', 'country code', 'nation', 'ประเทศ', 'รหัสประเทศ'],
  plateType: ['plate type', 'plate class', 'vehicle class', 'class', 'ประเภทรถ', 'ประเภททะเบียน', 'ชนิดรถ', 'รย'],
  validFrom: [
    ...['valid from', 'effective date', 'effective', 'start date', 'start', 'from', 'from date', 'begin date'],
    ...['วันที่เริ่ม', 'เริ่ม', 'วันเริ่มต้น', 'วันที่เริ่มต้น', 'ตั้งแต่', 'ตั้งแต่วันที่', 'มีผลตั้งแต่', 'วันที่มีผล', 'วันเริ่มใช้'],
  ],
  validTo: [
    ...[
      'valid to',
      'valid until',
      'expiry',
      'expiry date',
      'expires',
      'expiration',
      'expiration date',
      'end date',
      'until',
    ],
    ...['to', 'weed date', 'วันที่สิ้นสุด', 'สิ้นสุด', 'ถึงวันที่', 'ถึง', 'หมดอายุ', 'วันหมดอายุ', 'วันที่หมดอายุ'],
  ],
  reviewAt: ['review', 'review date', 'review at', 'ทบทวน', 'วันทบทวน', 'วันที่ทบทวน'],
  reason: [
    ...['reason', 'description', 'alert', 'offence', 'offense', 'crime', 'cause'],
    ...['เหตุผล', 'สาเหตุ', 'ข้อหา', 'ฐานความผิด', 'พฤติการณ์', 'รายละเอียด', 'เหตุ'],
  ],
  agency: [
    ...['agency', 'ori', 'force', 'police station', 'station', 'owner', 'organisation', 'organization', 'department'],
    ...['หน่วยงาน', 'หน่วย', 'สถานีตำรวจ', 'สน', 'สภ', 'เจ้าของเรื่อง', 'หน่วยงานเจ้าของเรื่อง', 'ผู้แจ้ง'],
  ],
  reference: [
    ...['reference', 'reference number', 'ref', 'ref no', 'case', 'case number', 'case no', 'oca', 'nic', 'pnc id'],
    ...[
      'crime number',
      'incident',
      'เลขคดี',
      'เลขที่คดี',
      'คดีที่',
      'อ้างอิง',
      'เลขอ้างอิง',
      'เลขที่อ้างอิง',
      'เลขที่หนังสือ',
      'หนังสือเลขที่',
    ],
  ],
  notes: [
    ...['notes', 'note', 'remarks', 'remark', 'comment', 'comments', 'information', 'info', 'additional information'],
    ...['หมายเหตุ', 'บันทึก', 'ข้อมูลเพิ่มเติม', 'เพิ่มเติม', 'อื่นๆ'],
  ],
  category: [
    ...['category', 'list type', 'alert type', 'type', 'hotlist', 'list', 'kind'],
    ...['ประเภท', 'ประเภทรายการ', 'หมวดหมู่', 'กลุ่ม', 'ชนิด', 'สถานะ'],
  ],
  confidence: ['confidence', 'reliability', 'certainty', 'ความเชื่อมั่น', 'ความน่าเชื่อถือ', 'ระดับความเชื่อมั่น'],
};
/** A plate in two columns. */
const SERIES = ['series', 'plate series', 'letters', 'หมวด', 'หมวดอักษร', 'หมวดตัวอักษร', 'อักษร', 'หมวดทะเบียน'];
const SERIAL = ['serial', 'number', 'no', 'เลข', 'หมายเลข', 'ตัวเลข', 'เลขที่', 'หมายเลข'];

const bare = (text: string): string =>
  text
    .normalize('NFC')
    .toLowerCase()
    .replace(/[\s._\-:*()]+/gu, '');

const byWord = new Map<string, ImportField>();
for (const [field, words] of Object.entries(WORDS)) {
  for (const word of words) byWord.set(bare(word), field as ImportField);
}
const series = new Set(SERIES.map(bare));
const serial = new Set(SERIAL.map(bare));

export const fieldOfWord = (word: string): ImportField | null => byWord.get(bare(word)) ?? null;
export const isSeriesWord = (word: string): boolean => series.has(bare(word));
export const isSerialWord = (word: string): boolean => serial.has(bare(word));
const isKnown = (word: string): boolean => fieldOfWord(word) !== null || isSeriesWord(word) || isSerialWord(word);

/** Titles may stand above the names of the columns. */
const HEADER_WITHIN = 10;
const MOSTLY = 0.8;

/**
 * Plates have digits; a first row without any, above rows with some, names the columns in words of its own. In a single column it may
 * as well be a plate of letters alone.
 */
function looksLikeNames([first, ...others]: readonly (readonly string[])[]): boolean {
  const hasDigit = (row: readonly string[]): boolean => row.some((cell) => /\p{Nd}/u.test(cell));
  if (
    first === undefined ||
    first.length < 2 ||
    others.length === 0 ||
    hasDigit(first) ||
    first.some((cell) => cell.trim() === '')
  )
    return false;
  return others.filter(hasDigit).length >= others.length * MOSTLY;
}

/** How many rows stand before the first entry: the last of them names the columns. 0 when none does. */
export function headerRowOf(rows: readonly (readonly string[])[]): number {
  for (const [index, row] of rows.slice(0, HEADER_WITHIN).entries()) {
    const filled = row.filter((cell) => cell.trim() !== '');
    const known = filled.filter(isKnown).length;
    // One word that is known may stand in a title; in a table it is one of two columns, or the only one.
    const namesPlate = filled.some((cell) => fieldOfWord(cell) === 'plateNumber');
    if (known >= 2 || namesPlate || (known === 1 && filled.length <= 2)) return index + 1;
  }
  return looksLikeNames(rows) ? 1 : 0;
}

/** Each by a name of its own: by its place where it has none. */
export function namedColumns(header: readonly string[], width: number): readonly string[] {
  const seen = new Map<string, number>();
  return Array.from({ length: Math.max(header.length, width) }, (_, index) => {
    const name = (header[index] ?? '').trim().replace(/\s+/gu, ' ').slice(0, 180) || `#${index + 1}`;
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name} (${count})`;
  });
}
