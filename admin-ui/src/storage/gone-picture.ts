/** Why a picture does not come: the browser's own error tells nothing, so the hub is asked. */
import { shallowRef, watch, type ShallowRef } from 'vue';
import { imageUrl } from '../api/client.ts';

export interface Gone {
  /** When retention removed it; null: something else is the matter. */
  readonly removedAt: string | null;
}

/** One question for a picture, however many places show it. */
const asked = new Map<string, Promise<Gone>>();

async function ask(imageId: string): Promise<Gone> {
  try {
    const response = await fetch(imageUrl(imageId, 'thumbnail'));
    if (response.status !== 410) return { removedAt: null };
    const { error } = (await response.json()) as { error?: { removedAt?: string } };
    return { removedAt: error?.removedAt ?? null };
  } catch {
    return { removedAt: null };
  }
}

async function whyGone(imageId: string): Promise<Gone> {
  const question = asked.get(imageId) ?? ask(imageId);
  asked.set(imageId, question);
  const gone = await question;
  // Only a removal is for good.
  if (gone.removedAt === null) asked.delete(imageId);
  return gone;
}

/** What is wrong with the picture that is shown; null while nothing is known to be. */
export function useGone(imageId: () => string | undefined): {
  readonly gone: Readonly<ShallowRef<Gone | null>>;
  /** For `@error` of the picture. */
  readonly look: () => Promise<void>;
} {
  const gone = shallowRef<Gone | null>(null);
  watch(imageId, () => {
    gone.value = null;
  });
  return {
    gone,
    async look() {
      const id = imageId();
      if (id === undefined) return;
      const why = await whyGone(id);
      if (imageId() === id) gone.value = why;
    },
  };
}
