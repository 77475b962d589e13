import { ApiProblem, problemOf } from './problem.ts';

/**
 * Asks for a file by POST and hands it to the browser to be saved. A file of the hub's making: its name comes with it.
 * @throws ApiProblem
 */
export async function saveFile(address: string, body: unknown, fallbackName: string): Promise<void> {
  let response: Response;
  try {
    response = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  } catch {
    throw new ApiProblem('unreachable', 'The hub does not answer', 0);
  }
  if (!response.ok) throw problemOf(response.status, await response.json().catch(() => undefined));
  const link = document.createElement('a');
  const url = URL.createObjectURL(await response.blob());
  link.href = url;
  link.download = nameOf(response.headers.get('content-disposition')) ?? fallbackName;
  link.click();
  // The browser takes its own time to begin; a minute is more than any of them needs.
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, 60_000);
}

function nameOf(disposition: string | null): string | null {
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(disposition ?? '')?.[1];
  if (encoded !== undefined) return decodeURIComponent(encoded);
  return /filename="([^"]+)"/i.exec(disposition ?? '')?.[1] ?? null;
}
