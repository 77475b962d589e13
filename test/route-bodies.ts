/** A body that each route takes, by its name: for tests that ask every route there is. */
import { sampleRetention } from './fake-hub.ts';

const plan = {
  mode: 'replace',
  reading: {
    ...{
      layout: null,
      format: 'auto',
      encoding: 'auto',
      delimiter: 'auto',
      headerLines: null,
      sheet: null,
      widths: [],
    },
  },
  map: { plateNumber: ['plate'] },
  values: { dateOrder: 'auto', countryCode: null, categories: [], duplicates: 'merge' },
};
const listFile = new FormData();
listFile.set('file', new Blob(['plate\n1กก1234\n']), 'list.csv');

// What the fake hub calls its blacklist; it finds everything else under any id.
export const ID = '00000000-0000-4000-8000-000000000005';
export const IMAGE = 'a'.repeat(64);
const password = 'correct horse battery';
const camera = {
  ...{ name: 'Gate', protocol: 'push', config: {}, enabled: true, checkpointId: null },
  ...{ latitude: null, longitude: null, heading: null },
};
const circle = { kind: 'circle', centre: [100.5, 13.7], radius: 200 };

const groups = [{ match: 'all', conditions: [{ kind: 'hit' }] }];

export const BODIES: Readonly<Record<string, unknown>> = {
  'post /setup': { name: 'admin', password },
  'post /session': { name: 'admin', password },
  'post /session/password': { current: password, next: 'another horse battery' },
  'post /users': { name: 'new', password, role: 'viewer' },
  'patch /users/:userId': { role: 'viewer' },
  'patch /engines/:engineId': { isDefault: true },
  'patch /site': { name: 'Gate house' },
  'post /frames': { image: 'AAAA' },
  'post /uploads': { image: 'AAAA' },
  'post /detections/:detectionId/corrections': { kind: 'text', plateNumber: '1กก1234' },
  'post /detections/:detectionId/holds': { kind: 'hold', reason: 'Case 12' },
  'patch /retention': sampleRetention.policy,
  'post /retention/preview': sampleRetention.policy,
  'post /push-subscriptions': {
    ...{ endpoint: 'https://push.example.com/x', keys: { p256dh: 'AAAA', auth: 'AAAA' }, label: 'Phone' },
  },
  'post /cameras': camera,
  'post /cameras/:cameraId/versions/:versionId/restore': { note: null },
  'post /cameras/probe': { address: '192.168.1.64' },
  'post /cameras/test': { protocol: 'snapshot', config: {} },
  'patch /cameras/:cameraId': { enabled: false },
  'post /cameras/:cameraId/keys': { label: 'box' },
  'patch /checkpoints/:checkpointId': { name: 'North' },
  'post /zones': { name: 'Car park', cameras: [{ cameraId: ID, role: 'in' }] },
  'patch /zones/:zoneId': { name: 'Car park' },
  'post /geofences': { name: 'Port', shape: circle },
  'patch /geofences/:geofenceId': { name: 'Harbour' },
  'post /geofences/check': { shape: circle },
  'post /geofences/import/preview': { content: '{}' },
  'post /geofences/import': { content: '{}' },
  'post /maintenance': { cameraId: ID, to: '2030-01-01T00:00:00Z' },
  'post /checkpoints': { name: 'North', latitude: null, longitude: null },
  'post /devices': { name: 'North', format: 'generic' },
  'post /devices/try': { format: 'generic', body: '{}' },
  'patch /devices/:deviceId': { name: 'South' },
  'post /devices/:deviceId/approve': { name: null },
  'post /held/:heldId/try': { config: { plateNumber: 'lp' } },
  'post /held/replay': { ids: 'all' },
  'post /held/discard': { ids: [ID] },
  'post /dead-letters/replay': { ids: [ID] },
  'post /blacklists': { name: 'Stolen', category: 'stolen', priority: 90 },
  'patch /blacklists/:blacklistId': { priority: 80 },
  'post /blacklists/policy-preview': { policy: { edits: 'none' }, entries: [{ plateNumber: '1กก1234' }] },
  'post /blacklists/:blacklistId/policy-preview': { policy: { edits: 'any' } },
  'patch /blacklists/:blacklistId/import-settings': { shrinkLimit: 0.1 },
  'post /blacklists/:blacklistId/imports': listFile,
  'post /blacklist-imports/:importId/preview': { plan: { mode: 'add' } },
  'post /blacklist-imports/:importId/stage': { plan },
  'post /blacklist-imports/:importId/apply': { confirmRemoved: 3 },
  'post /blacklists/:blacklistId/sources': {
    ...{ name: 'Police', plugin: 'url', config: { url: 'https://police.example/list.csv' } },
    schedule: { every: 'hours', count: 6 },
  },
  'patch /blacklist-sources/:sourceId': { enabled: false },
  'post /blacklists/:blacklistId/export': { format: 'csv', reason: 'Case 12' },
  'post /blacklists/:blacklistId/entries': { plateNumber: '1กก1234' },
  'patch /blacklists/:blacklistId/entries/:entryId': { reason: null },
  'post /blacklists/:blacklistId/entries/remove': { entryIds: [ID] },
  'post /blacklists/:blacklistId/entries/:entryId/attachments': { name: 'a.pdf', content: 'JVBERi0xLjc=' },
  'post /hits/decisions': { hitIds: [ID], outcome: null },
  'post /hits/:hitId/decision': { outcome: 'correct' },
  'post /connectors': { name: 'Centre', plugin: 'webhook', config: { url: 'http://centre/' } },
  'patch /connectors/:connectorId': { enabled: false },
  'post /connectors/:connectorId/replay': { detectionIds: 'all' },
  'post /connectors/:connectorId/discard': { detectionIds: [ID] },
  'post /people': { name: 'Somchai' },
  'patch /people/:personId': { enabled: false },
  'post /groups': { name: 'Desk', personIds: [ID] },
  'patch /groups/:groupId': { personIds: [ID] },
  'post /rosters': { name: 'Nights', otherwise: [ID] },
  'patch /rosters/:rosterId': {
    shifts: [{ personIds: [ID], from: '2026-11-26T00:00:00Z', to: '2026-11-27T00:00:00Z' }],
  },
  'post /alert-templates': { kind: 'alert', plugin: null, language: 'th', title: '{title}', text: '{plate}' },
  'post /alert-templates/preview': { kind: 'alert', plugin: 'sms', language: 'en', title: '', text: '{plate}' },
  'post /alerts/:alertId/acknowledge': { outcome: 'correct', note: 'seen' },
  'post /alerts/:alertId/outcome': { outcome: 'misread' },
  'post /alerts/:alertId/escalate': { escalationId: ID },
  'post /escalations': { name: 'Stolen', steps: [{ afterSeconds: 0, tells: [{ channelId: ID, to: [] }] }] },
  'patch /escalations/:escalationId': { repeats: 2 },
  'post /calendars': { name: 'Nights', weekly: [{ days: [1], from: '22:00', to: '06:00' }] },
  'patch /calendars/:calendarId': { holidays: 'closed' },
  'post /alert-channels': { name: 'Hook', plugin: 'webhook', config: {}, enabled: true },
  'patch /alert-channels/:channelId': { enabled: false },
  'post /alert-rules': { name: 'Each hit', groups },
  'patch /alert-rules/:ruleId': { enabled: false },
  'post /alert-rules/preview': { groups },
  'patch /alert-settings': { budgetPerDay: 500 },
  'post /alert-dead-letters/replay': { deliveryIds: 'all' },
  'post /alert-dead-letters/discard': { deliveryIds: [ID] },
};

/** What routes ask for that need a query. */
export const QUERIES: Readonly<Record<string, string>> = {
  'get /blacklists/lookup': '?plate=1กก1234',
  'get /places/search': '?name=Bangkok',
  'get /places/at': '?latitude=13.75&longitude=100.5',
};
