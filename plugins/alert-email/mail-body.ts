/** What stands in the e-mail: plain text, and HTML that mail programs of all ages show (tables, styles on the elements). */
import { escapeHtml, mapLink, noticeTime, noticeWords, type AlertNotice } from '../../core/plugins/define.ts';

type Facts = readonly (readonly [label: string, value: string])[];

function factsOf(notice: AlertNotice, timeZone: string): Facts {
  const words = noticeWords(notice.language);
  const plate = [notice.plateNumber, notice.province].filter((part) => part !== null).join(' ');
  return (
    [
      [words.plate, plate],
      [words.camera, notice.cameraName ?? ''],
      [words.time, notice.capturedAt === null ? '' : noticeTime(notice.capturedAt, notice, timeZone)],
    ] as const
  ).filter(([, value]) => value !== '');
}

function linksOf(notice: AlertNotice): readonly (readonly [label: string, address: string, isFirst: boolean])[] {
  const words = noticeWords(notice.language);
  return (
    [
      [words.acknowledge, notice.acknowledgeLink, true],
      [words.detection, notice.link, false],
      [words.map, mapLink(notice), false],
    ] as const
  ).flatMap(([label, address, isFirst]) => (address === null ? [] : [[label, address, isFirst] as const]));
}

export function textOf(notice: AlertNotice, timeZone: string): string {
  const facts = factsOf(notice, timeZone).map(([label, value]) => `${label}: ${value}`);
  const links = linksOf(notice).map(([label, address]) => `${label}: ${address}`);
  return [notice.title, '', notice.text, '', ...facts, '', ...links, ''].join('\n');
}

/** @param cids of the pictures that came along: `plate`, `scene` */
export function htmlOf(notice: AlertNotice, timeZone: string, cids: readonly string[]): string {
  const words = noticeWords(notice.language);
  const badge =
    notice.kind === 'alert'
      ? ''
      : `<p style="margin:0 0 4px;color:#b45309;font-weight:600">${escapeHtml(words[notice.kind])}</p>`;
  const facts = factsOf(notice, timeZone)
    .map(
      ([label, value]) =>
        `<tr><td style="padding:2px 16px 2px 0;color:#64748b;vertical-align:top">${escapeHtml(label)}</td>` +
        `<td style="padding:2px 0">${escapeHtml(value)}</td></tr>`,
    )
    .join('');
  const pictures = cids
    .map((cid) => {
      const width = cid === 'plate' ? 240 : 560;
      const alt = escapeHtml(cid === 'plate' ? words.plate : words.picture);
      return `<img src="cid:${cid}" alt="${alt}" width="${width}" style="display:block;max-width:100%;height:auto;margin:0 0 12px;border-radius:6px">`;
    })
    .join('');
  const links = linksOf(notice)
    .map(([label, address, isFirst]) => {
      const colours = isFirst ? 'background:#0f766e;color:#ffffff' : 'background:#e2e8f0;color:#0f172a';
      return `<a href="${escapeHtml(address)}" style="display:inline-block;margin:0 8px 8px 0;padding:10px 18px;border-radius:8px;text-decoration:none;font-weight:600;${colours}">${escapeHtml(label)}</a>`;
    })
    .join('');
  return (
    `<!doctype html><html lang="${notice.language}"><head><meta charset="utf-8"></head>` +
    '<body style="margin:0;padding:24px;font-family:Sarabun,\'Noto Sans Thai\',Tahoma,Arial,sans-serif;font-size:16px;line-height:1.65;color:#0f172a">' +
    `<div style="max-width:600px">${badge}<h1 style="margin:0 0 12px;font-size:20px;line-height:1.5">${escapeHtml(notice.title)}</h1>` +
    `<p style="margin:0 0 16px;white-space:pre-line">${escapeHtml(notice.text)}</p>${pictures}` +
    `<table role="presentation" cellpadding="0" cellspacing="0" style="margin:0 0 16px">${facts}</table>` +
    `<div>${links}</div></div></body></html>`
  );
}
