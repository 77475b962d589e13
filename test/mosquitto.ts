import { mosquittoPath } from './mosquitto-process.ts';
import { testWith } from './required.ts';

export { startMosquitto, type Mosquitto } from './mosquitto-process.ts';

export const testOnMosquitto = testWith(mosquittoPath !== null, 'no Mosquitto: apt-get install mosquitto');
