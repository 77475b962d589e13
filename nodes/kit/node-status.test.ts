import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { createNodeStatus } from './node-status.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

function shownBy(): { status: ReturnType<typeof createNodeStatus>; texts: (string | undefined)[] } {
  const texts: (string | undefined)[] = [];
  const status = createNodeStatus(
    ({ text }) => texts.push(text),
    () => Date.now(),
  );
  return { status, texts };
}

test('shows messages per minute and forgets them after it', () => {
  const { status, texts } = shownBy();
  for (let i = 0; i < 5; i++) status.passed();
  jest.advanceTimersByTime(2_000);
  expect(texts).toEqual(['1/min', '5/min']);
  jest.advanceTimersByTime(62_000);
  expect(texts.at(-1)).toBeUndefined();
  expect(jest.getTimerCount()).toBe(0);
});

test('an error stands until a message goes through again', () => {
  const { status, texts } = shownBy();
  status.passed();
  status.failed('engine_failed');
  jest.advanceTimersByTime(10_000);
  expect(texts).toEqual(['1/min', 'error.engine_failed']);
  status.passed();
  jest.advanceTimersByTime(2_000);
  expect(texts.at(-1)).toBe('2/min');
});

test('a code without words of its own is shown as unexpected', () => {
  const { status, texts } = shownBy();
  status.failed('setup_code_wrong');
  expect(texts).toEqual(['error.internal']);
});

test('a stopped status leaves no timer behind', () => {
  const { status } = shownBy();
  status.passed();
  status.stop();
  expect(jest.getTimerCount()).toBe(0);
});
