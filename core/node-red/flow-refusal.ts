/** Tells why a flow is refused: in English for logs and API clients, in the reader's language for the editor. */
import { readFileSync } from 'node:fs';
import { LprError } from '../errors.ts';
import type { FlowProblem } from './flow-check.ts';

export type Language = 'en-US' | 'th';
interface Words {
  readonly refused: string;
  readonly named: string;
  readonly unnamed: string;
  readonly on: string;
  readonly problem: Readonly<Record<FlowProblem['code'], string>>;
  readonly part: Readonly<Record<string, string>>;
  readonly source: Readonly<Record<string, string>>;
  readonly signIn: string;
}

const load = (language: Language): Words =>
  JSON.parse(readFileSync(new URL(`${language}.json`, import.meta.url), 'utf8')) as Words;
export const WORDS: Readonly<Record<Language, Words>> = { 'en-US': load('en-US'), th: load('th') };

/** The first language of an `Accept-Language` header that there are words in. */
export function languageOf(header: string | undefined): Language {
  const wanted = (header ?? '').split(',').map((part) => part.trim().slice(0, 2).toLowerCase());
  return wanted.find((one) => one === 'th' || one === 'en') === 'th' ? 'th' : 'en-US';
}

const fill = (template: string, values: Readonly<Record<string, string>>): string =>
  template.replace(/\{(\w+)\}/g, (_, key: string) => values[key] ?? '');

function sentence({ code, values }: FlowProblem, words: Words): string {
  const { part = '', source = '' } = values;
  return fill(words.problem[code], {
    ...values,
    part: words.part[part] ?? part,
    source: words.source[source] ?? source,
  });
}

function nodeName({ node: { name, type, id, tab } }: FlowProblem, words: Words): string {
  const node = name === null ? fill(words.unnamed, { type, id }) : fill(words.named, { name, type, id });
  return tab === null ? node : fill(words.on, { node, tab });
}

export function refusal(problems: readonly FlowProblem[]): LprError {
  const words = WORDS['en-US'];
  const told = problems.map((problem) => ({ field: problem.nodeId, problem: sentence(problem, words), of: problem }));
  const lines = told.map(({ of, problem }) => `${nodeName(of, words)} ${problem}`);
  return new LprError('flow_invalid', `${words.refused} ${lines.join(' ')}`, {
    problems: told.map(({ field, problem }) => ({ field, problem })),
  });
}

const escaped = (text: string): string => text.replace(/[&<>"']/g, (char) => `&#${char.codePointAt(0) ?? 0};`);

/** For the editor's notification, which shows HTML: each node's name leads to the node. */
export function refusalHtml(problems: readonly FlowProblem[], language: Language): string {
  const words = WORDS[language];
  const items = problems.map((problem) => {
    const name = `<a href="#" data-lpr-node="${escaped(problem.nodeId)}">${escaped(nodeName(problem, words))}</a>`;
    return `<li>${name} ${escaped(sentence(problem, words))}</li>`;
  });
  return `<p>${escaped(words.refused)}</p><ul>${items.join('')}</ul>`;
}
