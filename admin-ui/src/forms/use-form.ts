import { ref, type Ref } from 'vue';
import { ApiProblem, codeOf, type FieldProblem } from '../api/problem.ts';

/** What every small form needs: busy, and faults by field. */
export function useForm(): {
  readonly isBusy: Ref<boolean>;
  readonly code: Ref<string | null>;
  readonly problems: Ref<readonly FieldProblem[]>;
  readonly errorOf: (field: string) => string | undefined;
  readonly submit: (run: () => Promise<void>) => Promise<void>;
} {
  const isBusy = ref(false);
  const code = ref<string | null>(null);
  const problems = ref<readonly FieldProblem[]>([]);
  return {
    isBusy,
    code,
    problems,
    errorOf: (field) => problems.value.find((one) => one.field === field)?.problem,
    async submit(run) {
      isBusy.value = true;
      code.value = null;
      problems.value = [];
      try {
        await run();
      } catch (error) {
        code.value = codeOf(error);
        problems.value = error instanceof ApiProblem ? error.problems : [];
      } finally {
        isBusy.value = false;
      }
    },
  };
}
