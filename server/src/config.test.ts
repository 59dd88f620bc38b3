import { describe, expect, it } from '@jest/globals';
import { labUrls, readConfig } from './config.js';

describe('configuration', () => {
  it('[LAB-2] has defaults that only this machine can reach', () => {
    expect(readConfig([], {})).toMatchObject({
      listen: '127.0.0.1',
      port: 7070,
      mqttPort: 1883,
      publicUrls: [],
      portGiven: false,
      mqttPortGiven: false,
      limits: { uploadBytes: 2 ** 30, loginsPerMinute: 5, writesPerMinute: 600 },
    });
  });

  it('[LAB-2] a port that was asked for is not exchanged', () => {
    expect(readConfig(['--port', '7070'], {})).toMatchObject({ portGiven: true, mqttPortGiven: false });
    expect(readConfig([], { HILLTOP_PORT_STRICT: '1' })).toMatchObject({ portGiven: true, mqttPortGiven: true });
  });

  it('[LAB-2] every fault is listed at once', () => {
    const faults = (() => {
      try {
        return readConfig(['--port', '99999', '--listen', 'lab', '--public-url', 'ftp://x', '--mqtt-url', 'http://x'], {
          HILLTOP_LIMIT_LOGINS: '0',
        });
      } catch (error) {
        return error;
      }
    })();
    expect(faults).toMatchObject({ code: 'request.invalid', details: { faults: expect.any(Array) } });
    const { details } = faults as { details: { faults: string[] } };
    expect(details.faults.map((fault) => fault.split(':')[0])).toEqual([
      'listen',
      'port',
      'publicUrls.0',
      'mqttUrl',
      'limits.loginsPerMinute',
    ]);
    expect(() => readConfig(['--nonsense'], {})).toThrow(expect.objectContaining({ code: 'request.invalid' }));
  });

  it('[LAB-3] says where it can be reached, this machine first', () => {
    const config = readConfig(['--public-url', 'https://lab.example/', '--listen', '::1'], {});
    expect(labUrls(config, 7071)).toEqual(['http://[::1]:7071', 'https://lab.example']);
    expect(labUrls({ ...config, listen: '0.0.0.0' }, 1)[0]).toBe('http://127.0.0.1:1');
  });
});
