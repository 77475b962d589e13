import { call } from '../api/client.ts';
import type { CorrectionInput, Detection } from '../api/contract.ts';
import { useNotices } from '../notices/notices.ts';

/**
 * Corrects a detection and offers to take it back. Corrections are never erased: taking one back is one more, with the
 * text that stood before.
 * @throws ApiProblem
 */
export async function correct(
  before: Pick<Detection, 'detectionId' | 'plateNumber' | 'issuingEntity' | 'countryCode'>,
  input: CorrectionInput,
  onChanged: (detection: Detection) => void,
): Promise<void> {
  const notices = useNotices();
  const post = (body: CorrectionInput): Promise<Detection> =>
    call('POST /detections/:detectionId/corrections', { params: { detectionId: before.detectionId }, body });
  onChanged(await post(input));
  const text = input.kind === 'not_a_plate' ? 'correction.rejected' : 'correction.saved';
  const values = { plate: input.plateNumber ?? '' };
  // A plate that was unread has no text to go back to.
  if (before.plateNumber === '') {
    notices.tell(text, values);
    return;
  }
  const { plateNumber, issuingEntity, countryCode } = before;
  notices.tellWithUndo(text, values, async () => {
    onChanged(await post({ kind: 'text', plateNumber, issuingEntity, countryCode }));
  });
}
