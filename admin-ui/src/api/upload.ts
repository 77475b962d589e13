import type { BlacklistImport, FrameAccepted } from './contract.ts';
import { addressOf } from './client.ts';
import { ApiProblem, problemOf } from './problem.ts';

/** @throws ApiProblem */
export function uploadPicture(
  file: File,
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<FrameAccepted> {
  const form = new FormData();
  form.append('label', file.name.slice(0, 200));
  form.append('image', file, file.name);
  return sendForm(addressOf('/uploads'), form, onProgress, signal);
}

/** A file that a list is imported from. @throws ApiProblem */
export function uploadList(
  blacklistId: string,
  file: File,
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<BlacklistImport> {
  const form = new FormData();
  form.append('file', file, file.name);
  return sendForm(addressOf('/blacklists/:blacklistId/imports', { blacklistId }), form, onProgress, signal);
}

/** `fetch` tells nothing of how far an upload is, so this one is an XMLHttpRequest. */
function sendForm<T>(
  address: string,
  form: FormData,
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', address);
    request.responseType = 'text';
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    };
    request.onerror = () => {
      reject(new ApiProblem('unreachable', 'The hub does not answer', 0));
    };
    request.onabort = () => {
      reject(new DOMException('Stopped', 'AbortError'));
    };
    request.onload = () => {
      const answer = parse(request.responseText);
      if (request.status >= 200 && request.status < 300 && answer !== undefined) resolve(answer as T);
      else reject(problemOf(request.status, answer));
    };
    signal.addEventListener('abort', () => {
      request.abort();
    });
    request.send(form);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
