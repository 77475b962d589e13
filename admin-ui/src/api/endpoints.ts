/** What the hub's REST API answers, by method and path below `/api/v1`. */
import type { AlertEndpoints } from './alert-endpoints.ts';
import type { BlacklistEndpoints } from './blacklist-endpoints.ts';
import type { List } from './list.ts';
import type { PlaceEndpoints } from './place-endpoints.ts';
import type {
  AuditCheck,
  AuditEntry,
  BlacklistImport,
  BlacklistSource,
  BlacklistSourceChange,
  BlacklistSourceInput,
  Camera,
  CameraChange,
  CameraDifference,
  CameraHistory,
  CameraInput,
  CameraMetrics,
  CameraProbe,
  CameraProbeResult,
  CameraSight,
  CameraTest,
  CameraTestResult,
  CameraVersion,
  Checkpoint,
  CheckpointChange,
  CheckpointInput,
  Connector,
  ConnectorChange,
  ConnectorInput,
  CorrectionInput,
  DeadChoice,
  DeadCount,
  DeadDelivery,
  Detection,
  DetectionHold,
  DetectionHoldInput,
  DetectionPage,
  DetectionQuery,
  FlowGap,
  Device,
  DeviceApproval,
  DeviceChange,
  DeviceDoors,
  DeviceInput,
  DeviceStates,
  DeviceToken,
  DeviceTrial,
  DeviceTrialResult,
  EngineChange,
  EngineInfo,
  FramePage,
  FrameStatus,
  HeldContent,
  HeldPage,
  HeldTrial,
  HubStatus,
  ImageRemoval,
  ImportApply,
  ImportChangeKind,
  ImportChangePage,
  ImportLayout,
  ImportPreview,
  ImportPreviewAsk,
  ImportSettings,
  ImportSettingsChange,
  ImportStage,
  IngestKey,
  IngestKeyInput,
  MaintenanceInput,
  MaintenanceWindow,
  NewDevice,
  NewIngestKey,
  PasswordChange,
  PluginInfo,
  Reference,
  ReplayResult,
  RetentionPolicy,
  RetentionPreview,
  RetentionState,
  Selection,
  Session,
  SetupInput,
  SetupState,
  SignIn,
  SourceTest,
  TrainingPairPage,
  Site,
  User,
  UserChange,
  UserInput,
  VersionNote,
  Zone,
  ZoneChange,
  ZoneInput,
} from './contract.ts';

export interface Endpoints extends AlertEndpoints, BlacklistEndpoints, PlaceEndpoints {
  'GET /setup': { answer: SetupState };
  'POST /setup': { body: SetupInput; answer: unknown };
  'GET /session': { answer: Session };
  'POST /session': { body: SignIn; answer: Session };
  'DELETE /session': { answer: unknown };
  'POST /session/password': { body: PasswordChange; answer: unknown };
  'GET /users': { answer: List<User> };
  'POST /users': { body: UserInput; answer: User };
  'PATCH /users/:userId': { body: UserChange; answer: User };
  'GET /site': { answer: Site };
  'PATCH /site': { body: Partial<Site>; answer: Site };
  'GET /reference': { answer: Reference };
  'GET /engines': { answer: List<EngineInfo> };
  'PATCH /engines/:engineId': { body: EngineChange; answer: EngineInfo };
  'GET /plugins': { query: { kind?: PluginInfo['kind'] }; answer: List<PluginInfo> };
  'GET /frames/:frameId': { answer: FrameStatus };
  'GET /detections': { query: DetectionQuery; answer: DetectionPage };
  'GET /training-pairs': { query: { cursor?: string }; answer: TrainingPairPage };
  'GET /detections/:detectionId': { answer: Detection };
  'POST /detections/:detectionId/corrections': { body: CorrectionInput; answer: Detection };
  'POST /detections/:detectionId/merges/:mergeId/split': { answer: Detection };
  'GET /cameras': { answer: List<Camera> };
  'POST /cameras': { body: CameraInput; answer: Camera };
  'GET /cameras/:cameraId': { answer: Camera };
  'PATCH /cameras/:cameraId': { body: CameraChange; answer: Camera };
  'DELETE /cameras/:cameraId': { answer: unknown };
  'POST /cameras/test': { body: CameraTest; answer: CameraTestResult };
  'POST /cameras/probe': { body: CameraProbe; answer: CameraProbeResult };
  'GET /cameras/:cameraId/sight': { answer: CameraSight };
  'GET /cameras/:cameraId/health': { query: { days?: number }; answer: CameraHistory };
  'GET /cameras/:cameraId/versions': { answer: List<CameraVersion> };
  'GET /cameras/:cameraId/versions/:versionId/differences/:beforeId': { answer: List<CameraDifference> };
  'POST /cameras/:cameraId/versions/:versionId/restore': { body: VersionNote; answer: Camera };
  'GET /cameras/:cameraId/keys': { answer: List<IngestKey> };
  'POST /cameras/:cameraId/keys': { body: IngestKeyInput; answer: NewIngestKey };
  'DELETE /cameras/:cameraId/keys/:keyId': { answer: unknown };
  'GET /checkpoints': { answer: List<Checkpoint> };
  'POST /checkpoints': { body: CheckpointInput; answer: Checkpoint };
  'PATCH /checkpoints/:checkpointId': { body: CheckpointChange; answer: Checkpoint };
  'DELETE /checkpoints/:checkpointId': { answer: unknown };
  'GET /zones': { answer: List<Zone> };
  'POST /zones': { body: ZoneInput; answer: Zone };
  'PATCH /zones/:zoneId': { body: ZoneChange; answer: Zone };
  'DELETE /zones/:zoneId': { answer: unknown };
  'GET /maintenance': { query: { days?: number }; answer: List<MaintenanceWindow> };
  'POST /maintenance': { body: MaintenanceInput; answer: MaintenanceWindow };
  'DELETE /maintenance/:windowId': { answer: unknown };
  'GET /cameras/:cameraId/metrics': { query: { days?: number }; answer: CameraMetrics };
  'GET /cameras/:cameraId/device-state': { answer: DeviceStates };
  'GET /devices': { answer: List<Device> };
  'POST /devices': { body: DeviceInput; answer: NewDevice };
  'GET /devices/doors': { answer: DeviceDoors };
  'POST /devices/try': { body: DeviceTrial; answer: DeviceTrialResult };
  'PATCH /devices/:deviceId': { body: DeviceChange; answer: Device };
  'DELETE /devices/:deviceId': { answer: unknown };
  'POST /devices/:deviceId/approve': { body: DeviceApproval; answer: Device };
  'POST /devices/:deviceId/block': { answer: Device };
  'POST /devices/:deviceId/token': { answer: DeviceToken };
  'DELETE /devices/:deviceId/token': { answer: unknown };
  'GET /held': {
    query: { reason?: 'waiting' | 'quarantine'; deviceId?: string; cursor?: string; limit?: number };
    answer: HeldPage;
  };
  'GET /held/:heldId': { answer: HeldContent };
  'POST /held/:heldId/try': { body: HeldTrial; answer: DeviceTrialResult };
  'POST /held/replay': { body: Selection; answer: ReplayResult };
  'POST /held/discard': { body: { ids: string[] }; answer: { discarded: number } };
  'GET /dead-letters': { query: { cursor?: string; limit?: number }; answer: FramePage };
  'POST /dead-letters/replay': { body: Selection; answer: { replayed: number } };
  'GET /blacklist-layouts': { answer: List<ImportLayout> };
  'GET /blacklists/:blacklistId/import-settings': { answer: ImportSettings };
  'PATCH /blacklists/:blacklistId/import-settings': { body: ImportSettingsChange; answer: ImportSettings };
  'GET /blacklists/:blacklistId/imports': { answer: List<BlacklistImport> };
  'GET /blacklist-imports/:importId': { answer: BlacklistImport };
  'POST /blacklist-imports/:importId/preview': { body: ImportPreviewAsk; answer: ImportPreview };
  'POST /blacklist-imports/:importId/stage': { body: ImportStage; answer: BlacklistImport };
  'GET /blacklist-imports/:importId/changes': {
    query: { kind?: ImportChangeKind; cursor?: string; limit?: number };
    answer: ImportChangePage;
  };
  'POST /blacklist-imports/:importId/apply': { body: ImportApply; answer: BlacklistImport };
  'POST /blacklist-imports/:importId/discard': { answer: unknown };
  'GET /blacklists/:blacklistId/sources': { answer: List<BlacklistSource> };
  'POST /blacklists/:blacklistId/sources': { body: BlacklistSourceInput; answer: BlacklistSource };
  'PATCH /blacklist-sources/:sourceId': { body: BlacklistSourceChange; answer: BlacklistSource };
  'DELETE /blacklist-sources/:sourceId': { answer: unknown };
  'POST /blacklist-sources/:sourceId/test': { answer: SourceTest };
  'POST /blacklist-sources/:sourceId/run': { answer: unknown };
  'POST /blacklist-sources/:sourceId/forget-key': { answer: unknown };
  'GET /blacklist-sources/:sourceId/runs': { answer: List<BlacklistImport> };
  'GET /connectors': { answer: List<Connector> };
  'POST /connectors': { body: ConnectorInput; answer: Connector };
  'PATCH /connectors/:connectorId': { body: ConnectorChange; answer: Connector };
  'DELETE /connectors/:connectorId': { answer: unknown };
  'POST /connectors/:connectorId/test': { answer: unknown };
  'GET /connectors/:connectorId/dead-letters': { query: { limit?: number }; answer: List<DeadDelivery> };
  'POST /connectors/:connectorId/replay': { body: DeadChoice; answer: DeadCount };
  'POST /connectors/:connectorId/discard': { body: DeadChoice; answer: DeadCount };
  'GET /audit': {
    query: {
      limit?: number;
      before?: string;
      action?: string;
      userId?: string;
      subject?: string;
      from?: string;
      to?: string;
    };
    answer: List<AuditEntry>;
  };
  'GET /audit/verify': { query: { noted?: string }; answer: AuditCheck };
  'GET /detections/:detectionId/holds': { answer: List<DetectionHold> };
  'POST /detections/:detectionId/holds': { body: DetectionHoldInput; answer: List<DetectionHold> };
  'GET /retention': { answer: RetentionState };
  'PATCH /retention': { body: RetentionPolicy; answer: RetentionState };
  'POST /retention/preview': { body: RetentionPolicy; answer: RetentionPreview };
  'POST /retention/sweep': { answer: RetentionState };
  'GET /retention/removals': { query: { limit?: number; before?: string }; answer: List<ImageRemoval> };
  'GET /flow-gaps': { answer: List<FlowGap> };
  'GET /status': { answer: HubStatus };
}
