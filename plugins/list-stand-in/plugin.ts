/**
 * A stand-in for a register that hands its hot list to partners: made-up plates that change a little from day to day. It shows what
 * such a connector needs, and lets a list with a schedule be tried without any partner.
 */
import { defineListSource, number } from '../../core/plugins/define.ts';

const SERIES = ['กก', 'ขข', 'ฆฆ', 'งง', 'จจ', 'ฉฉ', 'ชช', 'ญญ', 'ฎฎ', 'ธธ'];
const PROVINCES = ['กรุงเทพมหานคร', 'เชียงใหม่', 'ขอนแก่น', 'ชลบุรี', 'สงขลา', 'ภูเก็ต'];
const REASONS = ['รถหาย', 'หมายจับ', 'ทะเบียนปลอม'];
const DAY_MS = 86_400_000;
/** Of a hundred plates so many are others the next day. */
const CHANGING = 5;

const of = (words: readonly string[], index: number): string => words[index % words.length] ?? '';

/** The same number gives the same row, whenever it is asked. */
function row(index: number): string {
  const number = 1 + ((index * 7919) % 9999);
  return `${1 + (index % 9)}${of(SERIES, index)} ${number},${of(PROVINCES, index * 7)},${of(REASONS, index * 3)},DEMO-${index}\r\n`;
}

export default defineListSource({
  id: 'stand-in',
  fields: { entries: number({ default: 500, min: 1, max: 100_000 }) },
  fetch({ config, validator }) {
    const day = Math.floor(Date.now() / DAY_MS);
    const state = `${day}:${config.entries}`;
    if (state === validator) return Promise.resolve(null);
    const first = Math.floor((config.entries * day * CHANGING) / 100) % 1_000_000;
    async function* body(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('ทะเบียน,จังหวัด,ข้อหา,เลขคดี\r\n');
      for (let i = 0; i < config.entries; i++) yield await Promise.resolve(Buffer.from(row(first + i)));
    }
    return Promise.resolve({ fileName: 'stand-in.csv', bytes: null, body: body(), validator: state });
  },
});
