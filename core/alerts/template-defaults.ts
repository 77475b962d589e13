/** The words that come with the hub. */
import type { NoticeKind } from '../plugins/define.ts';
import type { Language } from './template-fields.ts';

export interface TemplateWords {
  readonly title: string;
  readonly text: string;
}

const HEAD = '{title}[ · {plate|spaced}][ {province}]';
const WHERE = '[{place}][ · {capturedAt|datetime}]';

const GENERAL: Readonly<Record<Language, Readonly<Record<NoticeKind, TemplateWords>>>> = {
  en: {
    alert: {
      title: `${HEAD}[ ({provisional})]`,
      text: [
        '[{geofenceEvent} {geofence}][, {stay}]',
        '[{camera} {trouble}]',
        WHERE,
        '[List: {list}][ ({listAge})]',
        '[Reason: {reason}]',
        '[Match: {match}][, {sureness} sure]',
        '[Note: {cause}]',
      ].join('\n'),
    },
    escalation: {
      title: `Nobody has acknowledged yet: ${HEAD}`,
      text: ['Raised {raisedAt|datetime}, priority {priority}', WHERE, '[List: {list}]', '[Reason: {reason}]'].join(
        '\n',
      ),
    },
    retraction: {
      title: `Taken back: ${HEAD}`,
      text: ['The alert of {raisedAt|datetime} no longer holds: the read was corrected.', WHERE].join('\n'),
    },
    digest: { title: '{count} alerts[ · {rule}]', text: '{items}' },
    budget: {
      title: 'Budget of the day used up[: {rule}]',
      text: '{count} alerts were sent today. Further ones are listed in the console and not sent until midnight.',
    },
    taken: { title: `Taken: ${HEAD}`, text: '{acknowledgedBy} has acknowledged it.\n[What became of it: {outcome}]' },
    test: { title: 'Test of {site}', text: 'This is a test. Alerts will come this way.\n{raisedAt|datetime}' },
  },
  th: {
    alert: {
      title: `${HEAD}[ ({provisional})]`,
      text: [
        '[{geofenceEvent} {geofence}][ นาน {stay}]',
        '[กล้อง {camera} {trouble}]',
        WHERE,
        '[บัญชี: {list}][ ({listAge})]',
        '[เหตุผล: {reason}]',
        '[การเทียบ: {match}][ มั่นใจ {sureness}]',
        '[หมายเหตุ: {cause}]',
      ].join('\n'),
    },
    escalation: {
      title: `ยังไม่มีผู้รับทราบ: ${HEAD}`,
      text: ['แจ้งเมื่อ {raisedAt|datetime} ความสำคัญ {priority}', WHERE, '[บัญชี: {list}]', '[เหตุผล: {reason}]'].join('\n'),
    },
    retraction: {
      title: `ยกเลิกการแจ้งเตือน: ${HEAD}`,
      text: ['การแจ้งเตือนเมื่อ {raisedAt|datetime} ใช้ไม่ได้แล้ว เพราะผลอ่านถูกแก้ไข', WHERE].join('\n'),
    },
    digest: { title: 'แจ้งเตือน {count} รายการ[ · {rule}]', text: '{items}' },
    budget: {
      title: 'ครบจำนวนแจ้งเตือนของวันนี้[: {rule}]',
      text: 'วันนี้ส่งแจ้งเตือนแล้ว {count} รายการ รายการต่อจากนี้ดูได้ในหน้าจอระบบ และจะไม่ส่งจนกว่าจะขึ้นวันใหม่',
    },
    taken: { title: `มีผู้รับเรื่องแล้ว: ${HEAD}`, text: '{acknowledgedBy} รับทราบแล้ว\n[ผลการตรวจสอบ: {outcome}]' },
    test: { title: 'ทดสอบจาก {site}', text: 'ข้อความนี้เป็นการทดสอบ การแจ้งเตือนจะมาทางนี้\n{raisedAt|datetime}' },
  },
};

/** Without the middle dot, which would make each message one of half the length. */
const SHORT = '{title}[ {plate|spaced}][ {province}]';
/** A text message has no title of its own, and each part costs. */
const SMS: Readonly<Record<Language, Partial<Readonly<Record<NoticeKind, TemplateWords>>>>> = {
  en: {
    alert: { title: SHORT, text: `${SHORT}[, {place}][ {capturedAt|time}][ {acknowledge}]` },
    escalation: { title: SHORT, text: `Not acknowledged: ${SHORT}[, {place}][ {capturedAt|time}][ {acknowledge}]` },
    retraction: { title: SHORT, text: `Taken back: ${SHORT}[ {capturedAt|time}]` },
    digest: { title: '{count} alerts', text: '{count} alerts[: {rule}][ {link}]' },
    budget: { title: '{rule}', text: 'Budget of the day used up[: {rule}]' },
    taken: { title: SHORT, text: `${SHORT}: taken by {acknowledgedBy}[, {outcome}]` },
    test: { title: '{site}', text: 'Test of {site}' },
  },
  th: {
    alert: { title: SHORT, text: `${SHORT}[ {place}][ {capturedAt|time}][ {acknowledge}]` },
    escalation: { title: SHORT, text: `ยังไม่รับทราบ: ${SHORT}[ {place}][ {capturedAt|time}][ {acknowledge}]` },
    retraction: { title: SHORT, text: `ยกเลิก: ${SHORT}[ {capturedAt|time}]` },
    digest: { title: '{count} รายการ', text: 'แจ้งเตือน {count} รายการ[: {rule}][ {link}]' },
    budget: { title: '{rule}', text: 'ครบจำนวนแจ้งเตือนของวันนี้[: {rule}]' },
    taken: { title: SHORT, text: `${SHORT} {acknowledgedBy} รับทราบแล้ว[ {outcome}]` },
    test: { title: '{site}', text: 'ทดสอบจาก {site}' },
  },
};

const OWN: Readonly<Record<string, typeof SMS>> = { sms: SMS };

/** Plugins that come with words of their own. */
export const PLUGINS_WITH_WORDS: readonly string[] = Object.keys(OWN);

/** Null where a plugin goes by the general ones. @param plugin null: the general ones */
export const defaultWords = (kind: NoticeKind, plugin: string | null, language: Language): TemplateWords | null =>
  plugin === null ? GENERAL[language][kind] : (OWN[plugin]?.[language][kind] ?? null);
