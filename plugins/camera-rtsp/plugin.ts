/** A camera's RTSP stream (H.264, H.265, MJPEG), decoded by the system's ffmpeg. */
import { defineCameraProtocol, number, path, secret, text, url } from '../../core/plugins/define.ts';
import { pictures } from './ffmpeg.ts';

export default defineCameraProtocol({
  id: 'rtsp',
  isLive: true,
  fields: {
    url: url({ required: true, schemes: ['rtsp', 'rtsps'] }),
    username: text(),
    password: secret(),
    fps: number({ default: 5, min: 0.1, max: 30, unit: '/s' }),
    stallSeconds: number({ default: 15, min: 2, max: 600, unit: 's' }),
    ffmpeg: path(),
  },
  async *frames({ config, signal }) {
    const program = config.ffmpeg === '' ? 'ffmpeg' : config.ffmpeg;
    for await (const bytes of pictures({ ...config, program, signal })) {
      yield { bytes, capturedAt: null, capturedAtSource: 'received', eventKey: null, label: null };
    }
  },
});
