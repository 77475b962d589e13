/** The words of the pages, each under the name of its folder: `../pages/set-up/th.json` becomes `page.set-up`. */
export function gathered(files: Readonly<Record<string, Record<string, unknown>>>): { page: Record<string, unknown> } {
  const page: Record<string, unknown> = {};
  for (const [path, words] of Object.entries(files)) {
    const name = /\/pages\/([^/]+)\//.exec(path)?.[1];
    if (name !== undefined) page[name] = words;
  }
  return { page };
}
