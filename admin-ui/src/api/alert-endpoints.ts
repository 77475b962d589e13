/** Of alerts: what people are told, by which rules, over which channels, in which words, and who they are. */
import type {
  AcknowledgeInput,
  Alert,
  AlertChannel,
  AlertChannelChange,
  AlertChannelInput,
  AlertCounts,
  AlertDeadChoice,
  AlertDeadLetter,
  AlertDetail,
  AlertFigure,
  AlertPage,
  AlertQuery,
  AlertRule,
  AlertRuleChange,
  AlertRuleInput,
  AlertRulePreview,
  AlertRulePreviewInput,
  AlertSettings,
  AlertTimeline,
  Calendar,
  CalendarChange,
  CalendarInput,
  CalendarUse,
  Duty,
  Escalation,
  EscalationChange,
  EscalationInput,
  Group,
  GroupChange,
  GroupInput,
  HolidayYear,
  OutcomeInput,
  Person,
  PersonChange,
  PersonInput,
  Preview,
  PreviewInput,
  PushState,
  PushSubscription,
  PushSubscriptionInput,
  Roster,
  RosterChange,
  RosterInput,
  Template,
  TemplateField,
  TemplateInput,
} from './contract.ts';
import type { List } from './list.ts';

export interface AlertEndpoints {
  'GET /alerts': { query: AlertQuery; answer: AlertPage };
  'GET /push': { answer: PushState };
  'GET /push-subscriptions': { answer: List<PushSubscription> };
  'POST /push-subscriptions': { body: PushSubscriptionInput; answer: PushSubscription };
  'DELETE /push-subscriptions/:subscriptionId': { answer: unknown };
  'GET /alerts/counts': { answer: AlertCounts };
  'GET /alerts/figures': { query: { by: 'all' | 'list' | 'camera' | 'day'; days?: number }; answer: List<AlertFigure> };
  'GET /alerts/:alertId': { answer: AlertDetail };
  'GET /alerts/:alertId/timeline': { answer: AlertTimeline };
  'POST /alerts/:alertId/acknowledge': { body: AcknowledgeInput; answer: Alert };
  'POST /alerts/:alertId/acknowledge/undo': { answer: unknown };
  'POST /alerts/:alertId/outcome': { body: OutcomeInput; answer: unknown };
  'POST /alerts/:alertId/escalate': { body: { escalationId: string }; answer: unknown };
  'GET /alert-rules': { answer: List<AlertRule> };
  'POST /alert-rules': { body: AlertRuleInput; answer: AlertRule };
  'PATCH /alert-rules/:ruleId': { body: AlertRuleChange; answer: AlertRule };
  'DELETE /alert-rules/:ruleId': { answer: unknown };
  'POST /alert-rules/preview': { body: AlertRulePreviewInput; answer: AlertRulePreview };
  'GET /alert-settings': { answer: AlertSettings };
  'PATCH /alert-settings': { body: Partial<AlertSettings>; answer: AlertSettings };
  'GET /alert-channels': { answer: List<AlertChannel> };
  'POST /alert-channels': { body: AlertChannelInput; answer: AlertChannel };
  'PATCH /alert-channels/:channelId': { body: AlertChannelChange; answer: AlertChannel };
  'DELETE /alert-channels/:channelId': { answer: unknown };
  'POST /alert-channels/:channelId/test': { answer: unknown };
  'GET /alert-dead-letters': { query: { channelId?: string; limit?: number }; answer: List<AlertDeadLetter> };
  'POST /alert-dead-letters/replay': { body: AlertDeadChoice; answer: { count: number } };
  'POST /alert-dead-letters/discard': { body: AlertDeadChoice; answer: { count: number } };
  'GET /people': { answer: List<Person> };
  'POST /people': { body: PersonInput; answer: Person };
  'PATCH /people/:personId': { body: PersonChange; answer: Person };
  'DELETE /people/:personId': { answer: unknown };
  'GET /groups': { answer: List<Group> };
  'POST /groups': { body: GroupInput; answer: Group };
  'PATCH /groups/:groupId': { body: GroupChange; answer: Group };
  'DELETE /groups/:groupId': { answer: unknown };
  'GET /rosters': { answer: List<Roster> };
  'GET /rosters/:rosterId/duties': { query: { from?: string; days?: number }; answer: List<Duty> };
  'POST /rosters': { body: RosterInput; answer: Roster };
  'PATCH /rosters/:rosterId': { body: RosterChange; answer: Roster };
  'DELETE /rosters/:rosterId': { answer: unknown };
  'GET /escalations': { answer: List<Escalation> };
  'POST /escalations': { body: EscalationInput; answer: Escalation };
  'PATCH /escalations/:escalationId': { body: EscalationChange; answer: Escalation };
  'DELETE /escalations/:escalationId': { answer: unknown };
  'GET /alert-templates': { answer: List<Template> };
  'GET /alert-templates/fields': { answer: List<TemplateField> };
  'POST /alert-templates': { body: TemplateInput; answer: Template };
  'DELETE /alert-templates/:templateId': { answer: unknown };
  'POST /alert-templates/preview': { body: PreviewInput; answer: Preview };
  'GET /calendars': { answer: List<Calendar> };
  'GET /calendars/holidays': { query: { year: number }; answer: HolidayYear };
  'GET /calendars/:calendarId/uses': { answer: List<CalendarUse> };
  'POST /calendars': { body: CalendarInput; answer: Calendar };
  'PATCH /calendars/:calendarId': { body: CalendarChange; answer: Calendar };
  'DELETE /calendars/:calendarId': { answer: unknown };
}
