import { describe, expect, test } from '@jest/globals';
import { number, ref, secret } from '../fields.ts';
import { checkFlows, FLOW_PROBLEMS, type FlowNode, type NodeFacts } from './flow-check.ts';
import { languageOf, refusal, refusalHtml, WORDS } from './flow-refusal.ts';

const FACTS: readonly NodeFacts[] = [
  {
    type: 'lpr-in',
    accepts: 'source',
    outputs: ['frame'],
    gives: { frame: 'frame' },
    fields: { camera: ref('cameras') },
  },
  {
    ...{ type: 'lpr-find', accepts: 'frame', outputs: ['plate', 'none'], gives: { plate: 'patch' }, settles: ['none'] },
    fields: {
      engine: ref('engines'),
      height: number({ default: 14, min: 6, max: 400 }),
      key: secret({ required: true }),
    },
    offers: { engine: 'locates' },
  },
  {
    type: 'lpr-read',
    accepts: 'patch',
    outputs: ['read', 'unreadable'],
    gives: { read: 'read', unreadable: 'read' },
    fields: {},
  },
  { type: 'lpr-keep', accepts: 'read', outputs: ['kept'], settles: true, fields: {} },
  { type: 'lpr-drop', accepts: 'frame', outputs: [], settles: true, fields: {} },
];
const facts = new Map(FACTS.map((one) => [one.type, one]));
const tab: FlowNode = { id: 't', type: 'tab', label: 'Gate' };

const node = (
  id: string,
  type: string,
  wires: readonly (readonly string[])[] = [],
  more: Record<string, unknown> = {},
): FlowNode => ({
  ...{ id, type, wires, z: 't' },
  ...more,
});
const find = (id: string, wires: readonly (readonly string[])[], more: Record<string, unknown> = {}): FlowNode =>
  node(id, 'lpr-find', wires, more);

/** `code nodeId` of each problem. */
const told = (nodes: readonly FlowNode[], lists = {}): readonly string[] =>
  checkFlows([tab, ...nodes], facts, lists).map(({ code, nodeId }) => `${code} ${nodeId}`);

const WORKS = [
  node('in', 'lpr-in', [['find']]),
  find('find', [['read'], []]),
  node('read', 'lpr-read', [['keep'], ['drop']]),
  node('keep', 'lpr-keep', [[]]),
  node('drop', 'lpr-drop'),
];

test('a flow that can work is left in peace', () => {
  expect(told(WORKS)).toEqual([]);
  expect(told([])).toEqual([]);
});

describe('frames must come to an end', () => {
  test('a camera that leads nowhere', () => {
    expect(told([node('in', 'lpr-in', [[]])])).toEqual(['frames_never_end in']);
    expect(told([node('in', 'lpr-in', [['d']]), node('d', 'debug')])).toEqual(['frames_never_end in']);
  });

  test('an output that is wired only to a node which ends nothing', () => {
    const onlySeen = WORKS.map((one) => (one.id === 'read' ? node('read', 'lpr-read', [['keep'], ['d']]) : one));
    expect(told([...onlySeen, node('d', 'debug')])).toEqual(['output_never_ends read']);
    const seenAsWell = WORKS.map((one) =>
      one.id === 'read' ? node('read', 'lpr-read', [['keep'], ['d', 'drop']]) : one,
    );
    expect(told([...seenAsWell, node('d', 'debug')])).toEqual([]);
  });

  test('an output without a wire is discarded by the node, and what is settled may go anywhere', () => {
    const open = WORKS.map((one) => (one.id === 'read' ? node('read', 'lpr-read', [['keep'], []]) : one));
    expect(told(open)).toEqual([]);
    const behind = WORKS.map((one) =>
      one.id === 'keep' ? node('keep', 'lpr-keep', [['d']]) : one.id === 'find' ? find('find', [['read'], ['d']]) : one,
    );
    expect(told([...behind, node('d', 'debug')])).toEqual([]);
  });

  test('a loop is no end', () => {
    const loop = [node('in', 'lpr-in', [['a']]), node('a', 'delay', [['b']]), node('b', 'delay', [['a']])];
    expect(told(loop)).toEqual(['frames_never_end in']);
    expect(told([...loop.slice(0, 2), node('b', 'delay', [['a', 'drop']]), node('drop', 'lpr-drop')])).toEqual([]);
  });
});

describe('a node must get what it needs', () => {
  test('wired too early', () => {
    expect(
      told([node('in', 'lpr-in', [['read']]), node('read', 'lpr-read', [['keep'], []]), node('keep', 'lpr-keep')]),
    ).toEqual(['part_missing read']);
  });

  test('an output that does not give the part, even when another way does', () => {
    const both = WORKS.map((one) => (one.id === 'find' ? find('find', [['read'], ['read']]) : one));
    expect(told(both)).toEqual(['part_missing read']);
  });

  test('a stock node between may keep such messages back', () => {
    const sorted = WORKS.map((one) => (one.id === 'find' ? find('find', [['read'], ['switch']]) : one));
    expect(told([...sorted, node('switch', 'switch', [['read']])])).toEqual([]);
    const never = [node('in', 'lpr-in', [['switch']]), node('switch', 'switch', [['keep']]), node('keep', 'lpr-keep')];
    expect(told(never)).toEqual(['part_missing keep']);
  });
});

describe('settings', () => {
  const withFind = (more: Record<string, unknown>): readonly FlowNode[] =>
    WORKS.map((one) => (one.id === 'find' ? find('find', [['read'], []], more) : one));
  const engines = new Map([
    ['all', { locates: true, reads: true }],
    ['reader', { locates: false, reads: true }],
  ]);

  test('out of range, unless it comes from the environment', () => {
    expect(told(withFind({ height: '3' }))).toEqual(['setting_wrong find']);
    expect(told(withFind({ height: '${HEIGHT}' }))).toEqual([]);
  });

  test('what the hub does not have, or what cannot do it', () => {
    expect(told(withFind({ engine: 'all' }), { engines })).toEqual([]);
    expect(told(withFind({ engine: 'gone' }), { engines })).toEqual(['choice_gone find']);
    expect(told(withFind({ engine: 'reader' }), { engines })).toEqual(['choice_cannot find']);
    expect(told(withFind({ engine: '' }), { engines })).toEqual([]);
  });

  test('a node type of ours that is not installed', () => {
    expect(told([...WORKS, node('x', 'lpr-geofence')])).toEqual(['type_unknown x']);
  });
});

describe('what is switched off does not count', () => {
  test('disabled nodes and tabs', () => {
    const off = WORKS.map((one) => (one.id === 'keep' || one.id === 'drop' ? { ...one, d: true } : one));
    expect(told(off)).toEqual(['frames_never_end in']);
    const alone = [node('in', 'lpr-in', [[]], { d: true })];
    expect(told(alone)).toEqual([]);
    expect(checkFlows([{ ...tab, disabled: true }, node('in', 'lpr-in', [[]])], facts)).toEqual([]);
  });
});

describe('links', () => {
  test('are followed across tabs, there and back', () => {
    const tab2: FlowNode = { id: 't2', type: 'tab', label: 'Second' };
    const across = [
      ...[tab2, node('in', 'lpr-in', [['out']]), node('out', 'link out', [], { links: ['li'], mode: 'link' })],
      ...[node('li', 'link in', [['drop']], { z: 't2' }), node('drop', 'lpr-drop', [], { z: 't2' })],
    ];
    expect(told(across)).toEqual([]);
    const call = [
      ...[node('in', 'lpr-in', [['call']]), node('call', 'link call', [['read']], { links: ['li'] })],
      ...[node('read', 'lpr-read', [['keep'], []]), node('keep', 'lpr-keep')],
      ...[
        node('li', 'link in', [['find']]),
        find('find', [['back'], []]),
        node('back', 'link out', [], { mode: 'return' }),
      ],
    ];
    expect(told(call)).toEqual([]);
  });
});

describe('subflows', () => {
  /** Reads a patch; unreadable ones end inside. */
  const inside: readonly FlowNode[] = [
    {
      id: 's',
      type: 'subflow',
      name: 'Reader',
      in: [{ wires: [{ id: 'sr' }] }],
      out: [{ wires: [{ id: 'sr', port: 0 }] }],
    },
    node('sr', 'lpr-read', [[], ['sd']], { z: 's', name: 'inner' }),
    node('sd', 'lpr-drop', [], { z: 's' }),
  ];

  test('are walked through, in and out', () => {
    const outside = [
      ...[node('in', 'lpr-in', [['find']]), find('find', [['use'], []])],
      ...[node('use', 'subflow:s', [['keep']]), node('keep', 'lpr-keep')],
    ];
    expect(told([...inside, ...outside])).toEqual([]);
  });

  test('a fault inside is told once, by the inner node', () => {
    const twice = [
      ...[
        node('in', 'lpr-in', [['u1', 'u2']]),
        node('u1', 'subflow:s', [['keep']]),
        node('u2', 'subflow:s', [['keep']]),
      ],
      node('keep', 'lpr-keep'),
    ];
    const problems = checkFlows([tab, ...inside, ...twice], facts);
    expect(problems.map(({ code, node: { name, tab: on } }) => [code, name, on])).toEqual([
      ['part_missing', 'inner', 'Reader'],
    ]);
  });

  test('one that passes straight through, and one that nobody uses', () => {
    const straight: FlowNode = {
      id: 'p',
      type: 'subflow',
      in: [{ wires: [{ id: 'p', port: 0 }] }],
      out: [{ wires: [{ id: 'p', port: 0 }] }],
    };
    const outside = [node('in', 'lpr-in', [['use']]), node('use', 'subflow:p', [['drop']]), node('drop', 'lpr-drop')];
    expect(told([straight, ...outside])).toEqual([]);
    expect(told(inside)).toEqual([]);
  });
});

describe('the refusal', () => {
  const problems = checkFlows(
    [tab, node('a1', 'lpr-in', [[]], { name: '<img src=x>' }), find('f1', [[], []], { height: 1 })],
    facts,
  );

  test('names each node by name, type, id and tab, with the remedy', () => {
    const { code, status, message, details } = refusal(problems);
    expect([code, status]).toEqual(['flow_invalid', 422]);
    expect(message).toContain('“<img src=x>” (lpr-in, a1) on “Gate” leads to no record or discard node');
    expect(message).toContain('lpr-find (f1) on “Gate” has a setting that cannot be used: height must be at least 6.');
    expect(details.problems?.map(({ field }) => field).sort()).toEqual(['a1', 'f1']);
  });

  test('is shown in the reader’s language, and a node’s name cannot bring markup', () => {
    const html = refusalHtml(problems, 'th');
    expect(html).toContain('data-lpr-node="a1"');
    expect(html).toContain('ในแท็บ “Gate”');
    expect(html).not.toContain('<img');
    expect(['th-TH,th;q=0.9,en;q=0.8', 'en-GB,th', 'de', undefined].map(languageOf)).toEqual([
      'th',
      'en-US',
      'en-US',
      'en-US',
    ]);
  });

  test('has the same words in both languages, for every code', () => {
    const keys = (value: object, path = ''): readonly string[] =>
      Object.entries(value).flatMap(([key, inner]) =>
        typeof inner === 'object' ? keys(inner as object, `${path}${key}.`) : [`${path}${key}`],
      );
    expect(keys(WORDS.th)).toEqual(keys(WORDS['en-US']));
    expect(Object.keys(WORDS['en-US'].problem)).toEqual([...FLOW_PROBLEMS]);
  });
});
