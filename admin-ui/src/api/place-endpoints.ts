/** What the hub's REST API answers about geofences and places, by method and path below `/api/v1`. */
import type {
  Geofence,
  GeofenceChange,
  GeofenceCheck,
  GeofenceCheckInput,
  GeofenceEventPage,
  GeofenceImportInput,
  GeofenceImportPreview,
  GeofenceInput,
  GeofencePage,
  GeofenceVisit,
  Place,
} from './contract.ts';
import type { List } from './list.ts';

export interface PlaceEndpoints {
  'GET /geofences': { query: { limit?: number; cursor?: string | undefined }; answer: GeofencePage };
  'POST /geofences': { body: GeofenceInput; answer: Geofence };
  'PATCH /geofences/:geofenceId': { body: GeofenceChange; answer: Geofence };
  'DELETE /geofences/:geofenceId': { answer: unknown };
  'POST /geofences/check': { body: GeofenceCheckInput; answer: GeofenceCheck };
  'POST /geofences/import/preview': { body: GeofenceImportInput; answer: GeofenceImportPreview };
  'POST /geofences/import': { body: GeofenceImportInput; answer: List<Geofence> };
  'GET /geofences/:geofenceId/vehicles': { answer: List<GeofenceVisit> };
  'GET /geofence-events': {
    query: { geofenceId?: string; limit?: number; cursor?: string };
    answer: GeofenceEventPage;
  };
  'GET /places/search': { query: { name: string; limit?: number }; answer: List<Place> };
}
