import { expect, test } from '@jest/globals';
import type { DeviceDoors } from '../../api/contract.ts';
import { recipeOf } from './recipe.ts';

const DOORS: DeviceDoors = {
  broker: { isOwn: true, port: 1883 },
  formats: [
    { format: 'generic', transports: ['http'], paths: [], topics: [], socketio: [] },
    {
      format: 'all',
      transports: ['http', 'websocket', 'socketio', 'mqtt'],
      paths: [{ method: 'POST', path: '/api/detection' }],
      topics: ['cams/{device}/read'],
      socketio: [{ namespace: '/lpr', events: ['read'] }],
    },
  ],
};
const texts = (recipe: ReturnType<typeof recipeOf>): string[] => recipe.map(({ key, text }) => `${key} ${text}`);

test('a webhook has one address, with its token while that is shown', () => {
  const of = { format: 'generic', ref: '', token: null };
  expect(texts(recipeOf(of, DOORS, 'https://hub.example'))).toEqual(['http https://hub.example/ingest/generic']);
  expect(recipeOf({ ...of, token: 'lpd_x' }, DOORS, 'https://hub.example')[0]?.text).toMatch(
    /\/ingest\/generic\/lpd_x$/,
  );
});

test('every way in that the format knows, the topic with the device’s own id', () => {
  expect(texts(recipeOf({ format: 'all', ref: 'C1', token: 'lpd_x' }, DOORS, 'http://10.0.0.2:3000'))).toEqual([
    'http http://10.0.0.2:3000/ingest/all/lpd_x',
    'fixed http://10.0.0.2:3000/api/detection',
    'websocket ws://10.0.0.2:3000/ingest/all/lpd_x',
    'socketio http://10.0.0.2:3000/lpr',
    'mqttHost 10.0.0.2:1883',
    'mqttPassword lpd_x',
    'mqttTopic cams/C1/read',
  ]);
});

test('without a broker there is no word of MQTT', () => {
  const lines = recipeOf({ format: 'all', ref: '', token: null }, { ...DOORS, broker: null }, 'http://hub');
  expect(lines.filter(({ key }) => key.startsWith('mqtt'))).toEqual([]);
});

test('with a broker of the site’s own, the device signs in there', () => {
  const doors = { ...DOORS, broker: { isOwn: false, port: null } };
  const lines = texts(recipeOf({ format: 'all', ref: 'C1', token: 'lpd_x' }, doors, 'http://hub'));
  expect(lines.filter((line) => line.startsWith('mqtt'))).toEqual(['mqttElsewhere MQTT_URL', 'mqttTopic cams/C1/read']);
});
