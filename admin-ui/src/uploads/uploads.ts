import { defineStore } from 'pinia';
import { computed, ref } from 'vue';
import { call } from '../api/client.ts';
import type { FrameStatus } from '../api/contract.ts';
import { codeOf } from '../api/problem.ts';
import { uploadPicture } from '../api/upload.ts';
import { useLive } from '../live/live.ts';

export type UploadState = 'waiting' | 'sending' | 'queued' | 'reading' | 'found' | 'nothing' | 'failed';

export interface Upload {
  readonly id: number;
  readonly file: File;
  readonly preview: string;
  state: UploadState;
  /** 0..1 of what is sent. */
  progress: number;
  frameId: string | null;
  isDuplicate: boolean;
  detectionIds: readonly string[];
  error: string | null;
}

/** At once; more would only share the same line. */
const SENDERS = 3;
/** The live connection tells the end; this asks where it does not. */
const ASK_EVERY_MS = 2_500;
/** The hub's own limits: what cannot be taken is told before it is sent. */
const MAX_BYTES = 20 * 1024 * 1024;

const ENDED: readonly UploadState[] = ['found', 'nothing', 'failed'];

/** Pictures that this browser sends; they go on while pages change. */
export const useUploads = defineStore('uploads', () => {
  const uploads = ref<Upload[]>([]);
  const live = useLive();
  const stopped = new AbortController();
  let counter = 0;
  let asking: ReturnType<typeof setInterval> | undefined;

  const counts = computed(() => {
    const ended = uploads.value.filter((one) => ENDED.includes(one.state));
    return {
      total: uploads.value.length,
      ended: ended.length,
      found: ended.filter((one) => one.state === 'found').length,
      failed: ended.filter((one) => one.state === 'failed').length,
    };
  });
  const isBusy = computed(() => counts.value.ended < counts.value.total);

  function add(files: Iterable<File>): void {
    for (const file of files) {
      counter += 1;
      const error = file.size === 0 ? 'image_empty' : file.size > MAX_BYTES ? 'image_too_large' : null;
      uploads.value.unshift({
        id: counter,
        file,
        preview: URL.createObjectURL(file),
        state: error === null ? 'waiting' : 'failed',
        progress: 0,
        frameId: null,
        isDuplicate: false,
        detectionIds: [],
        error,
      });
    }
    sendNext();
  }

  function sendNext(): void {
    const sending = uploads.value.filter((one) => one.state === 'sending').length;
    const waiting = uploads.value.filter((one) => one.state === 'waiting').reverse();
    for (const upload of waiting.slice(0, Math.max(0, SENDERS - sending))) void send(upload);
  }

  async function send(upload: Upload): Promise<void> {
    upload.state = 'sending';
    upload.error = null;
    try {
      const accepted = await uploadPicture(
        upload.file,
        (share) => {
          upload.progress = share;
        },
        stopped.signal,
      );
      upload.frameId = accepted.frameId;
      upload.isDuplicate = accepted.duplicate;
      upload.progress = 1;
      upload.state = 'queued';
      asking ??= setInterval(() => void ask(), ASK_EVERY_MS);
      // The frame may have ended while its answer was on the way.
      await askOne(upload);
    } catch (error) {
      upload.state = 'failed';
      upload.error = codeOf(error);
    }
    sendNext();
  }

  function take(frame: FrameStatus): void {
    const upload = uploads.value.find((one) => one.frameId === frame.frameId);
    if (upload === undefined) return;
    if (frame.state === 'running' || frame.state === 'queued') {
      upload.state = frame.state === 'running' ? 'reading' : 'queued';
      return;
    }
    upload.detectionIds = frame.detectionIds;
    upload.error = frame.error?.code ?? null;
    upload.state = frame.state === 'dead' ? 'failed' : frame.detectionIds.length > 0 ? 'found' : 'nothing';
  }

  async function askOne(upload: Upload): Promise<void> {
    if (upload.frameId === null) return;
    take(await call('GET /frames/:frameId', { params: { frameId: upload.frameId } }));
  }

  async function ask(): Promise<void> {
    const open = uploads.value.filter((one) => one.state === 'queued' || one.state === 'reading');
    if (open.length === 0) {
      clearInterval(asking);
      asking = undefined;
      return;
    }
    // A failed question is asked again with the next round.
    await Promise.allSettled(open.slice(-10).map(askOne));
  }

  live.on('frame.ended', take);

  function again(upload: Upload): void {
    upload.state = 'waiting';
    sendNext();
  }

  function forgetEnded(): void {
    for (const one of uploads.value) if (ENDED.includes(one.state)) URL.revokeObjectURL(one.preview);
    uploads.value = uploads.value.filter((one) => !ENDED.includes(one.state));
  }

  return { uploads, counts, isBusy, add, again, forgetEnded };
});

/** The files of a drop or a choice, pictures and what may be one: the hub tells what it is not. */
export function filesOf(list: FileList | null | undefined): File[] {
  return list === null || list === undefined ? [] : [...list];
}
