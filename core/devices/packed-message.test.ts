import { expect, test } from '@jest/globals';
import { wireMessage } from '../doors/wire-message.ts';
import { packMessage, unpackMessage } from './packed-message.ts';

test('bytes come back as bytes, and what a device calls by our own names stays its own', () => {
  const args = [{ image: Buffer.from('picture'), $bytes: null, $$: [{ $bytes: [0, 99] }] }, 'text'];
  const packed = packMessage(wireMessage('socketio', '192.0.2.1', { path: 'read', args }));
  const stored = {
    envelope: JSON.parse(JSON.stringify(packed.envelope)) as Record<string, unknown>,
    body: packed.body,
  };
  expect(unpackMessage(stored).args).toEqual(args);
});
