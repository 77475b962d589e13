/**
 * Follows the packets of an MQTT connection by their heads alone (MQTT 3.1.1, 2.2.3), so that one too large is seen when it
 * begins and not when it has filled the memory.
 */
export interface FrameWatch {
  /** What a chunk told. `tooLarge`: a packet announces more than allowed; `malformed`: a length of more than four bytes. */
  feed(chunk: Uint8Array): { readonly packets: number; readonly fault: 'tooLarge' | 'malformed' | null };
  /** Bytes of the packet that is still coming in. */
  readonly pending: number;
}

export function watchFrames(most: number): FrameWatch {
  /** Where in a packet: its first byte, its length, its body. */
  let state: 'type' | 'length' | 'body' = 'type';
  let length = 0;
  let shift = 0;
  let left = 0;
  let pending = 0;
  return {
    feed(chunk) {
      let packets = 0;
      for (let i = 0; i < chunk.length;) {
        if (state === 'type') {
          packets++;
          state = 'length';
          [length, shift, pending] = [0, 0, 0];
          i++;
        } else if (state === 'length') {
          const byte = chunk[i++] ?? 0;
          length += (byte & 0x7f) * 2 ** shift;
          shift += 7;
          if (byte < 0x80) {
            if (length > most) return { packets, fault: 'tooLarge' };
            left = length;
            state = left === 0 ? 'type' : 'body';
          } else if (shift >= 28) return { packets, fault: 'malformed' };
        } else {
          const here = Math.min(left, chunk.length - i);
          left -= here;
          pending += here;
          i += here;
          if (left === 0) {
            state = 'type';
            pending = 0;
          }
        }
      }
      return { packets, fault: null };
    },
    get pending() {
      return pending;
    },
  };
}
