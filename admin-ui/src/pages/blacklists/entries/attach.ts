import { call } from '../../../api/client.ts';
import type { BlacklistAttachment } from '../../../api/contract.ts';
import { ApiProblem } from '../../../api/problem.ts';

/** What the hub takes; told before it is sent. */
const MAX_BYTES = 3 * 1024 * 1024;

/** Attaches a picture or a PDF to an entry. @throws ApiProblem */
export async function attach(blacklistId: string, entryId: string, file: File): Promise<BlacklistAttachment> {
  if (file.size > MAX_BYTES) throw new ApiProblem('body_too_large', `${file.name} is larger than 3 MB`, 0);
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = '';
  // In pieces: a call takes only so many arguments.
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return call('POST /blacklists/:blacklistId/entries/:entryId/attachments', {
    params: { blacklistId, entryId },
    body: { name: file.name.slice(0, 200), content: btoa(text) },
  });
}
