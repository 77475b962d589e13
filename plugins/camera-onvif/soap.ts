/** SOAP 1.2 as ONVIF cameras want it. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';

const NAMESPACES = [
  ['s', 'http://www.w3.org/2003/05/soap-envelope'],
  ['a', 'http://www.w3.org/2005/08/addressing'],
  ['tds', 'http://www.onvif.org/ver10/device/wsdl'],
  ['tev', 'http://www.onvif.org/ver10/events/wsdl'],
  ['wsnt', 'http://docs.oasis-open.org/wsn/b-2'],
  ['tns1', 'http://www.onvif.org/ver10/topics'],
]
  .map(([prefix, name]) => `xmlns:${prefix}="${name}"`)
  .join(' ');

const WSSE = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-';

export const escapeXml = (text: string): string =>
  text.replace(/[&<>"]/g, (char) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[char] ?? '&quot;');

/** WS-UsernameToken with a digest (UsernameToken Profile 1.1): Base64(SHA-1(nonce + created + password)). */
export function securityHeader(username: string, password: string, now: Date, nonce = randomBytes(16)): string {
  const created = now.toISOString();
  const digest = createHash('sha1').update(nonce).update(created).update(password).digest('base64');
  return (
    `<wsse:Security s:mustUnderstand="1" xmlns:wsse="${WSSE}wssecurity-secext-1.0.xsd" xmlns:wsu="${WSSE}wssecurity-utility-1.0.xsd">` +
    `<wsse:UsernameToken><wsse:Username>${escapeXml(username)}</wsse:Username>` +
    `<wsse:Password Type="${WSSE}username-token-profile-1.0#PasswordDigest">${digest}</wsse:Password>` +
    `<wsse:Nonce EncodingType="${WSSE}soap-message-security-1.0#Base64Binary">${nonce.toString('base64')}</wsse:Nonce>` +
    `<wsu:Created>${created}</wsu:Created></wsse:UsernameToken></wsse:Security>`
  );
}

export const envelope = (message: {
  readonly action: string;
  readonly to: string;
  readonly security: string;
  readonly body: string;
}): string =>
  `<?xml version="1.0" encoding="UTF-8"?><s:Envelope ${NAMESPACES}><s:Header><a:Action>${message.action}</a:Action>` +
  `<a:MessageID>urn:uuid:${randomUUID()}</a:MessageID><a:To>${escapeXml(message.to)}</a:To>${message.security}</s:Header>` +
  `<s:Body>${message.body}</s:Body></s:Envelope>`;
