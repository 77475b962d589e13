/**
 * The REST contract: schemas → types, validation and OpenAPI. Instants are ISO 8601 in UTC. The console shares these types
 * and nothing else with core. Lists answer `{ items }`, paged ones add `nextCursor`; errors answer `ApiError`.
 */
export * from './contract/access.ts';
export * from './contract/alert-channels.ts';
export * from './contract/alert-rules.ts';
export * from './contract/alerts.ts';
export * from './contract/blacklist-imports.ts';
export * from './contract/blacklists.ts';
export * from './contract/calendars.ts';
export * from './contract/cameras.ts';
export * from './contract/connectors.ts';
export * from './contract/detections.ts';
export * from './contract/devices.ts';
export * from './contract/errors.ts';
export * from './contract/escalations.ts';
export * from './contract/flows.ts';
export * from './contract/frames.ts';
export * from './contract/hits.ts';
export * from './contract/images.ts';
export * from './contract/imports.ts';
export * from './contract/live.ts';
export * from './contract/places.ts';
export * from './contract/outcome.ts';
export * from './contract/people.ts';
export * from './contract/plugins.ts';
export * from './contract/push.ts';
export * from './contract/templates.ts';
export * from './contract/zones.ts';
