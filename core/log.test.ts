import { expect, test } from '@jest/globals';
import { readableLine } from './log.ts';

const at = { level: 40, time: Date.UTC(2026, 10, 23, 8, 15, 30) };

test('a terminal gets one line for people', () => {
  const line = readableLine({ ...at, msg: 'a camera is late', cameraId: 'c1', seconds: 12, err: 'no answer yet' });
  expect(line).toMatch(/^\d\d:15:30 WARN  a camera is late cameraId=c1 seconds=12 err="no answer yet"\n$/);
});

test('what a stranger sends cannot look like a line of ours', () => {
  const line = readableLine({ ...at, msg: 'bad\n08:00:00 ERROR', label: 'x\n08:00:00 ERROR forged', esc: '\u001b[2J' });
  expect(line.match(/\n/g)).toHaveLength(1);
  expect(line).not.toContain('\u001b');
});

test('a stack stands below its line', () => {
  const line = readableLine({ ...at, msg: 'failed', stack: 'Error: x\n    at a (b.ts:1:2)' });
  expect(line.split('\n').slice(1)).toEqual(['    at a (b.ts:1:2)', '']);
});
