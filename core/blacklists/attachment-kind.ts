/** What may be attached to an entry, told by the content and never by the name. */
import { LprError } from '../errors.ts';

export const ATTACHMENT_BYTES = 3 * 1024 * 1024;

const KINDS: readonly (readonly [mediaType: string, start: readonly number[]])[] = [
  ['image/jpeg', [0xff, 0xd8, 0xff]],
  ['image/png', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['application/pdf', [0x25, 0x50, 0x44, 0x46, 0x2d]],
];

const refused = (problem: string): LprError =>
  new LprError('invalid_input', `The file ${problem}.`, { problems: [{ field: 'content', problem }] });

/** @throws invalid_input */
export function attachmentKind(bytes: Uint8Array): string {
  if (bytes.length > ATTACHMENT_BYTES) throw refused('has more than 3 MB: attach a smaller one');
  const kind = KINDS.find(([, start]) => start.every((byte, i) => bytes[i] === byte));
  if (kind === undefined) throw refused('is neither a JPEG nor a PNG picture nor a PDF');
  return kind[0];
}
