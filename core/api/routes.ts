/** Every route of `/api/v1`. */
import { accessRoutes } from './access-routes.ts';
import type { RouteOptions } from './api-options.ts';
import { blacklistEntryRoutes } from './blacklist-entry-routes.ts';
import { blacklistImportRoutes } from './blacklist-import-routes.ts';
import { blacklistRoutes } from './blacklist-routes.ts';
import { calendarRoutes } from './calendar-routes.ts';
import { cameraRoutes } from './camera-routes.ts';
import { cameraHealthRoutes } from './camera-health-routes.ts';
import { cameraVersionRoutes } from './camera-version-routes.ts';
import { connectorRoutes } from './connector-routes.ts';
import { detectionRoutes } from './detection-routes.ts';
import { deviceRoutes } from './device-routes.ts';
import { escalationRoutes } from './escalation-routes.ts';
import { frameRoutes } from './frame-routes.ts';
import { hitRoutes } from './hit-routes.ts';
import { geofenceRoutes } from './geofence-routes.ts';
import { hubRoutes } from './hub-routes.ts';
import { importRoutes } from './import-routes.ts';
import { imageRoutes } from './image-routes.ts';
import { alertChannelRoutes } from './alert-channel-routes.ts';
import { alertRoutes } from './alert-routes.ts';
import { alertRuleRoutes } from './alert-rule-routes.ts';
import { peopleRoutes } from './people-routes.ts';
import { pushRoutes } from './push-routes.ts';
import { templateRoutes } from './template-routes.ts';
import { placeRoutes } from './place-routes.ts';
import { zoneRoutes } from './zone-routes.ts';
import type { RouteSpec } from './route.ts';

export const createRoutes = (options: RouteOptions): readonly RouteSpec[] => [
  ...frameRoutes(options),
  ...detectionRoutes(options),
  ...cameraRoutes(options),
  ...deviceRoutes(options),
  ...cameraVersionRoutes(options),
  ...cameraHealthRoutes(options),
  ...zoneRoutes(options),
  ...geofenceRoutes(options),
  ...placeRoutes(options),
  ...blacklistRoutes(options),
  ...blacklistEntryRoutes(options),
  ...hitRoutes(options),
  ...blacklistImportRoutes(options),
  // Before the routes of one alert: `figures` is no id.
  ...escalationRoutes(options),
  ...alertRoutes(options),
  ...alertChannelRoutes(options),
  ...alertRuleRoutes(options),
  ...calendarRoutes(options),
  ...peopleRoutes(options),
  ...templateRoutes(options),
  ...connectorRoutes(options),
  ...imageRoutes(options),
  ...pushRoutes(options),
  ...importRoutes(options),
  ...hubRoutes(options),
  ...accessRoutes(options),
];
