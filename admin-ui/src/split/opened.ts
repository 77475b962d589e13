import { ref, watch, type Ref } from 'vue';
import { useRoute, useRouter } from 'vue-router';

/**
 * What is open of a list, empty for nothing. It leads the address by a moment, so that keys pressed fast each move on from
 * the last. `page`: the name of its route; another page's address says nothing here.
 */
export function useOpened(page: string): {
  readonly openId: Readonly<Ref<string>>;
  readonly open: (id: string) => void;
} {
  const route = useRoute();
  const router = useRouter();
  const openId = ref('');
  watch(
    () => route.query.open,
    (open) => {
      if (route.name === page) openId.value = typeof open === 'string' ? open : '';
    },
    { immediate: true },
  );
  return {
    openId,
    open(id) {
      openId.value = id;
      void router.replace({ query: { ...route.query, open: id === '' ? undefined : id } });
    },
  };
}
