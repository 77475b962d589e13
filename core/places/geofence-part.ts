import type { GeofencePart } from '../message.ts';
import type { GeofenceEvent } from './geofences.ts';

/** An event as it travels in flows. */
export const partOf = ({
  geofenceEventId,
  geofenceId,
  geofenceName,
  event,
  at,
  seconds,
}: GeofenceEvent): Omit<GeofencePart, 'isNew'> => ({
  ...{ geofenceEventId, geofenceId, geofenceName, event, at: at.toISOString(), seconds },
});
