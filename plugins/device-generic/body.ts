/** What was sent, as one tree to take values from: JSON, JSON lines, XML, or a form whose files are bytes. */
import {
  at,
  isObject,
  parseJson,
  textOf,
  xmlOf,
  type WireMessage,
  type WireObject,
} from '../../core/plugins/define.ts';

const looksLikeJson = (text: string): boolean => /^\s*[[{]/.test(text);

function ofForm({ parts }: WireMessage): WireObject {
  return Object.fromEntries(
    parts.map(({ name, fileName, mediaType, bytes }) => {
      const isText = /\b(json|text)\b/i.test(mediaType ?? '') || (fileName === null && mediaType === null);
      if (!isText) return [name, bytes];
      const text = textOf(bytes, name);
      return [name, looksLikeJson(text) ? parseJson(text, name) : text];
    }),
  );
}

function ofBody({ body, headers }: WireMessage): unknown {
  const text = textOf(body).trim();
  const type = headers['content-type'] ?? '';
  if (/urlencoded/i.test(type)) return Object.fromEntries(new URLSearchParams(text));
  if (text.startsWith('<')) return xmlOf(body);
  if (/ndjson|jsonl|json-seq/i.test(type)) {
    return text
      .split(/\r?\n/)
      .filter((line) => line.trim() !== '')
      .map((line, place) => parseJson(line, `line ${place + 1}`));
  }
  return text === '' ? {} : parseJson(text);
}

/** @throws invalid_input */
export function treeOf(message: WireMessage): unknown {
  const tree = message.parts.length > 0 ? ofForm(message) : ofBody(message);
  return isObject(tree) ? { query: message.query, ...tree } : tree;
}

/** What lies at the first of the paths at which something lies; `=text` is that text. Undefined when nothing does. */
export function valueAt(tree: unknown, paths: string): unknown {
  if (paths.startsWith('=')) return paths.slice(1);
  for (const path of paths.split('|')) {
    const wanted = path.trim();
    if (wanted === '') continue;
    // Names of form fields may hold dots themselves.
    const found = isObject(tree) && Object.hasOwn(tree, wanted) ? tree[wanted] : at(tree, wanted);
    if (found !== undefined) return found;
  }
  return undefined;
}
