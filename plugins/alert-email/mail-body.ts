/** What stands in the e-mail: plain text, and HTML that mail programs of all ages show (styles on the elements themselves). */
import { escapeHtml, noticeLinks, noticeWords, type AlertNotice } from '../../core/plugins/define.ts';

export function textOf(notice: AlertNotice): string {
  const links = noticeLinks(notice).map(({ label, address }) => `${label}: ${address}`);
  return [notice.title, '', notice.text, '', ...links, ''].join('\n');
}

/** @param cids of the pictures that came along: `plate`, `scene` */
export function htmlOf(notice: AlertNotice, cids: readonly string[]): string {
  const words = noticeWords(notice.language);
  const pictures = cids
    .map((cid) => {
      const width = cid === 'plate' ? 240 : 560;
      const alt = escapeHtml(cid === 'plate' ? words.plate : words.picture);
      return `<img src="cid:${cid}" alt="${alt}" width="${width}" style="display:block;max-width:100%;height:auto;margin:0 0 12px;border-radius:6px">`;
    })
    .join('');
  const links = noticeLinks(notice)
    .map(({ label, address, isFirst }) => {
      const colours = isFirst ? 'background:#0f766e;color:#ffffff' : 'background:#e2e8f0;color:#0f172a';
      return `<a href="${escapeHtml(address)}" style="display:inline-block;margin:0 8px 8px 0;padding:10px 18px;border-radius:8px;text-decoration:none;font-weight:600;${colours}">${escapeHtml(label)}</a>`;
    })
    .join('');
  return (
    `<!doctype html><html lang="${notice.language}"><head><meta charset="utf-8"></head>` +
    '<body style="margin:0;padding:24px;font-family:Sarabun,\'Noto Sans Thai\',Tahoma,Arial,sans-serif;font-size:16px;line-height:1.65;color:#0f172a">' +
    `<div style="max-width:600px"><h1 style="margin:0 0 12px;font-size:20px;line-height:1.5">${escapeHtml(notice.title)}</h1>` +
    `<p style="margin:0 0 16px;white-space:pre-line">${escapeHtml(notice.text)}</p>${pictures}<div>${links}</div></div></body></html>`
  );
}
