import { expect, test } from '@jest/globals';
import { filtersOf, matchFilter, matchTopic } from './topics.ts';

test.each([
  ['cams/{device}/read', 'cams/C1/read', { device: 'C1' }],
  ['cams/{device}/read', 'cams/C1/read/more', null],
  ['cams/{device}/read', 'cams//read', null],
  ['cams/{device}/read', 'cams/C1', null],
  ['{device}/to/{device}', 'a/to/b', null],
  ['{device}/to/{device}', 'a/to/a', { device: 'a' }],
  ['frigate/+/events', 'frigate/x/events', { device: null }],
  ['frigate/#', 'frigate', { device: null }],
  ['frigate/#', 'frigate/a/b', { device: null }],
  ['frigate/events', 'Frigate/events', null],
])('%s and the topic %s', (pattern, topic, match) => {
  expect(matchTopic(pattern, topic)).toEqual(match);
});

test.each([
  ['cams/{device}/#', 'cams/C1/#', { device: 'C1' }],
  ['cams/{device}/#', 'cams/C1/config', { device: 'C1' }],
  ['cams/{device}/#', 'cams/+/config', null],
  ['cams/{device}/#', 'cams/#', null],
  ['cams/{device}/#', '#', null],
  ['cams/{device}/config', 'cams/C1/#', null],
  ['cams/{device}/config', 'cams/C1/+', null],
  ['cams/{device}/+', 'cams/C1/+', { device: 'C1' }],
  ['cams/{device}/+', 'cams/C1/#', null],
  ['cams/{device}/+', '$SYS/#', null],
  ['#', '#', { device: null }],
])('%s and the subscription %s', (pattern, filter, match) => {
  expect(matchFilter(pattern, filter)).toEqual(match);
});

test('formats that share a topic are listened to once', () => {
  const format = { topics: ['cams/{device}/read', 'cams/+/read', 'b'] };
  expect(filtersOf([format, format] as never)).toEqual(['b', 'cams/+/read']);
});
