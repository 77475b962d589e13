/** What one does with the alert that is open: take it, say what became of it, tell more people; a press takes it back. */
import type { Ref } from 'vue';
import { useI18n } from 'vue-i18n';
import { call } from '../../api/client.ts';
import type { Alert, Escalation, Outcome } from '../../api/contract.ts';
import { alertPlate } from '../../alerts/alert-plate.ts';
import { useHubStatus } from '../../live/hub-status.ts';
import { useNotices } from '../../notices/notices.ts';
import { plateText } from '../../plates/plate-layout.ts';
import type { Opened } from './opened-alert.ts';

interface Place {
  readonly opened: Readonly<Ref<Opened | null>>;
  readonly openId: Readonly<Ref<string>>;
  readonly items: Readonly<Ref<readonly Alert[]>>;
  /** Whether what is answered leaves the list that is shown. */
  readonly isWorkList: () => boolean;
  readonly hasSplit: Readonly<Ref<boolean>>;
  readonly list: { remove: (alertId: string) => void; put: (alert: Alert, at: number) => void };
  readonly show: (alertId: string) => void;
  readonly load: () => Promise<void>;
  readonly count: () => Promise<void>;
  readonly lookSoon: () => void;
}

export function useAnswering({
  opened,
  openId,
  items,
  isWorkList,
  hasSplit,
  list,
  show,
  load,
  count,
  lookSoon,
}: Place) {
  const { t } = useI18n();
  const hub = useHubStatus();
  const notices = useNotices();

  const nameOf = (alert: Alert): string => {
    const plate = alertPlate(alert);
    return plate === null ? alert.title : plateText(plate);
  };

  async function acknowledge(outcome: Outcome | null, note: string): Promise<void> {
    const alert = opened.value?.alert;
    if (alert === undefined || alert.alertId !== openId.value) return;
    const params = { alertId: alert.alertId };
    const at = items.value.findIndex((one) => one.alertId === alert.alertId);
    const row = items.value[at];
    const leaves = row !== undefined && isWorkList();
    const next = items.value[at + 1] ?? items.value[at - 1];
    if (leaves) {
      list.remove(alert.alertId);
      show(hasSplit.value ? (next?.alertId ?? '') : '');
    }
    const back = (): void => {
      if (leaves) list.put(row, at);
      show(alert.alertId);
    };
    try {
      await call('POST /alerts/:alertId/acknowledge', { params, body: { outcome, note } });
      const values = { what: nameOf(alert), outcome: outcome === null ? '' : t(`outcome.${outcome}`) };
      notices.tellWithUndo(outcome === null ? 'page.alerts.taken' : 'page.alerts.answered', values, async () => {
        await call('POST /alerts/:alertId/acknowledge/undo', { params });
        back();
        await Promise.all([load(), count(), hub.refresh()]);
      });
    } catch (error) {
      back();
      notices.tellProblem(error);
    }
    await Promise.all([load(), count(), hub.refresh()]);
  }

  async function tellOutcome(outcome: Outcome, note: string): Promise<void> {
    const alert = opened.value?.alert;
    if (alert === undefined) return;
    try {
      await call('POST /alerts/:alertId/outcome', { params: { alertId: alert.alertId }, body: { outcome, note } });
      notices.tell('page.alerts.answered', { what: nameOf(alert), outcome: t(`outcome.${outcome}`) });
    } catch (error) {
      notices.tellProblem(error);
    }
    await load();
  }

  async function escalate({ escalationId, name }: Escalation): Promise<void> {
    try {
      await call('POST /alerts/:alertId/escalate', { params: { alertId: openId.value }, body: { escalationId } });
      notices.tell('page.alerts.escalated', { name });
    } catch (error) {
      notices.tellProblem(error);
    }
    await Promise.all([load(), count()]);
    lookSoon();
  }

  return { acknowledge, tellOutcome, escalate };
}
