/**
 * The sounds of the console, made by the browser itself: no files, and they can be told apart with closed eyes. A browser plays
 * nothing before somebody pressed a key or a button on the page.
 */

export const SOUNDS = ['none', 'chime', 'bell', 'alarm', 'siren'] as const;
export type Sound = (typeof SOUNDS)[number];

interface Tone {
  /** Seconds after the start. */
  readonly at: number;
  readonly seconds: number;
  /** Hertz, from and to. */
  readonly from: number;
  readonly to: number;
  readonly shape: OscillatorType;
}

const tone = (at: number, seconds: number, from: number, to = from, shape: OscillatorType = 'sine'): Tone => ({
  ...{ at, seconds, from, to, shape },
});

const TONES: Readonly<Record<Sound, readonly Tone[]>> = {
  none: [],
  chime: [tone(0, 0.35, 659), tone(0.16, 0.55, 880)],
  bell: [tone(0, 0.9, 988), tone(0, 0.5, 1976), tone(0.28, 0.9, 784)],
  alarm: [0, 0.24, 0.48, 0.9, 1.14, 1.38].map((at) => tone(at, 0.15, 1180, 1180, 'square')),
  siren: [0, 0.8].flatMap((at) => [tone(at, 0.42, 620, 1240, 'sawtooth'), tone(at + 0.4, 0.42, 1240, 620, 'sawtooth')]),
};

let context: AudioContext | null = null;

/** Resolves when it has begun to sound; rejects where the browser does not let the page be heard yet. */
export async function playSound(sound: Sound): Promise<void> {
  if (sound === 'none') return;
  context ??= new AudioContext();
  await context.resume();
  const start = context.currentTime + 0.02;
  for (const { at, seconds, from, to, shape } of TONES[sound]) {
    const oscillator = context.createOscillator();
    const gain = context.createGain();
    oscillator.type = shape;
    oscillator.frequency.setValueAtTime(from, start + at);
    oscillator.frequency.linearRampToValueAtTime(to, start + at + seconds);
    // A square wave is heard louder than a sine of the same height.
    const loudness = shape === 'sine' ? 0.32 : 0.09;
    gain.gain.setValueAtTime(0.0001, start + at);
    gain.gain.exponentialRampToValueAtTime(loudness, start + at + 0.015);
    gain.gain.exponentialRampToValueAtTime(0.0001, start + at + seconds);
    oscillator.connect(gain).connect(context.destination);
    oscillator.start(start + at);
    oscillator.stop(start + at + seconds + 0.02);
  }
}
