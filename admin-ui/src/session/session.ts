import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import { call } from '../api/client.ts';
import type { Session, SignIn } from '../api/contract.ts';
import { codeOf } from '../api/problem.ts';

/** Who is signed in, what they may do, and the site. */
export const useSession = defineStore('session', () => {
  const session = shallowRef<Session | null>(null);
  /** False until the hub was asked once. */
  const isKnown = shallowRef(false);
  /** Why the hub could not be asked. */
  const problem = shallowRef<string | null>(null);

  const isSignedIn = computed(() => session.value !== null);
  const user = computed(() => session.value?.user ?? null);
  const site = computed(() => session.value?.site ?? null);

  function may(permission: string | null): boolean {
    return permission === null || (session.value?.permissions.includes(permission) ?? false);
  }

  /** @throws ApiProblem when the hub cannot be asked; not being signed in is no fault. */
  async function load(): Promise<void> {
    try {
      session.value = await call('GET /session');
    } catch (error) {
      if (codeOf(error) !== 'unauthenticated') {
        problem.value = codeOf(error);
        throw error;
      }
      session.value = null;
    }
    isKnown.value = true;
    problem.value = null;
  }

  async function signIn(credentials: SignIn): Promise<void> {
    session.value = await call('POST /session', { body: credentials });
    isKnown.value = true;
  }

  async function signOut(): Promise<void> {
    await call('DELETE /session');
    session.value = null;
  }

  /** The hub ended the session. */
  function forget(): void {
    session.value = null;
  }

  return { session, isKnown, problem, isSignedIn, user, site, may, load, signIn, signOut, forget };
});
