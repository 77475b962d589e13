import { defineStore } from 'pinia';
import { computed, onScopeDispose, ref, shallowRef } from 'vue';
import { keyName, KeySequence } from './key-sequence.ts';

export interface Shortcut {
  /** `j`, `ctrl+k`, `g l`, `Enter`. */
  readonly keys: string;
  /** Translation key of what it does. */
  readonly label: string;
  /** Translation key of the heading that it stands under in the overview. */
  readonly group: string;
  /** Also while a person types into a field. */
  readonly whileTyping?: boolean;
  readonly run: () => void;
}

/** All shortcuts that work at this moment; the one that was added last wins. */
export const useShortcutStore = defineStore('shortcuts', () => {
  const layers = shallowRef<readonly (readonly Shortcut[])[]>([]);
  const isHelpOpen = ref(false);
  const all = computed(() => {
    const known = new Map<string, Shortcut>();
    for (const shortcut of layers.value.flat()) known.set(shortcut.keys, shortcut);
    return [...known.values()];
  });

  function add(shortcuts: readonly Shortcut[]): () => void {
    layers.value = [...layers.value, shortcuts];
    return () => {
      layers.value = layers.value.filter((layer) => layer !== shortcuts);
    };
  }

  const sequence = new KeySequence();

  function handle(event: KeyboardEvent): void {
    const name = event.isComposing || event.defaultPrevented ? null : keyName(event);
    if (name === null) return;
    const meanings = sequence.press(name, event.timeStamp, (first) =>
      all.value.some((shortcut) => shortcut.keys.startsWith(`${first} `)),
    );
    const isTyping = isEditable(event.target);
    const isOverlaid = document.querySelector('.v-overlay--active:is(.v-dialog, .v-menu)') !== null;
    for (const meaning of meanings) {
      const shortcut = all.value.find((one) => one.keys === meaning);
      if (shortcut === undefined) continue;
      if ((isTyping || isOverlaid) && shortcut.whileTyping !== true) continue;
      // A focused button or link answers Enter itself.
      if (meaning === 'Enter' && isActionable(event.target)) continue;
      event.preventDefault();
      shortcut.run();
      return;
    }
  }

  return { all, isHelpOpen, add, handle };
});

function isEditable(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))
  );
}

function isActionable(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('a, button, [role="option"], [role="menuitem"]') !== null;
}

/** Shortcuts that work while the component is there. */
export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  onScopeDispose(useShortcutStore().add(shortcuts));
}
